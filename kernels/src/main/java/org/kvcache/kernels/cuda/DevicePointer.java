package org.kvcache.kernels.cuda;

import jcuda.driver.CUdeviceptr;

/** An address on the device that can be read and given; JCuda's own hides it. */
final class DevicePointer extends CUdeviceptr {

  /** To be filled by the driver. */
  DevicePointer() {}

  DevicePointer(long address) {
    super(new CUdeviceptr(), address);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
