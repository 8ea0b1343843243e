/** Attention on the CPU. */
@NullMarked
package org.kvcache.kernels.cpu;

import org.jspecify.annotations.NullMarked;
