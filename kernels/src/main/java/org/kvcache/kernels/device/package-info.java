/**
 * KV and attention in a device's memory, whatever the device: for engines that keep their KV there
 * and take slots from {@link org.kvcache.BlockManager}.
 *
 * <p>A {@link org.kvcache.kernels.device.Device} is opened by {@code CudaDevice}, {@code HipDevice}
 * or {@code EmulatedDevice}. {@link org.kvcache.kernels.device.DeviceKv} holds encoded blocks,
 * {@link org.kvcache.kernels.device.DeviceStore} fills them, {@link
 * org.kvcache.kernels.device.DeviceAttention} attends to them, {@link
 * org.kvcache.kernels.device.DeviceScorer} says which pages matter, and {@link
 * org.kvcache.kernels.device.DeviceCopier} moves them. {@link
 * org.kvcache.kernels.device.DevicePages} is all that for a cache in host memory that keeps chosen
 * pages on a device. What can be checked on the host is checked before any native call; slots,
 * lengths and indices lie on the device and are the caller's word.
 */
@NullMarked
package org.kvcache.kernels.device;

import org.jspecify.annotations.NullMarked;
