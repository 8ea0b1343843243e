/**
 * The device kernels on the host: the same CUDA and HIP sources, compiled by the C++ compiler
 * against a shim of blocks, warps, shared memory and matrix instructions. For tests.
 */
@NullMarked
package org.kvcache.kernels.emu;

import org.jspecify.annotations.NullMarked;
