/** {@code kvcache kernels}: attention kernels checked against exact attention, and timed. */
@NullMarked
package org.kvcache.bench.kernels;

import org.jspecify.annotations.NullMarked;
