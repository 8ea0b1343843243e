package org.kvcache.kernels.device;

/**
 * A kernel of one device, ready to be launched. Immutable.
 *
 * @param device where it is
 * @param name its name in the native sources
 * @param handle the driver's
 * @param info what it says about itself
 */
record DeviceKernel(Device device, String name, long handle, KernelInfo info) {}
