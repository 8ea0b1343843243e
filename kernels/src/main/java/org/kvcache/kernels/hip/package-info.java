/** AMD's GPUs, through the foreign function interface on ROCm's {@code libamdhip64}. */
@NullMarked
package org.kvcache.kernels.hip;

import org.jspecify.annotations.NullMarked;
