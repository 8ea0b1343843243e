package org.kvcache.kernels.cuda;

import jcuda.Pointer;

/** An address on the host that can be read and given. */
final class HostPointer extends Pointer {

  /** To be filled by the driver. */
  HostPointer() {}

  HostPointer(long address) {
    super(address);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }
}
