/**
 * NVIDIA's GPUs, through JCuda's binding of the driver API. JCuda is touched only after the driver
 * was found to have all that its native library needs.
 */
@NullMarked
package org.kvcache.kernels.cuda;

import org.jspecify.annotations.NullMarked;
