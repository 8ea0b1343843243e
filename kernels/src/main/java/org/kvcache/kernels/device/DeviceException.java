package org.kvcache.kernels.device;

/**
 * A device's runtime refused a call that was well formed: no memory left, a fault, a lost device.
 */
public final class DeviceException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** One sentence: which call, and what the runtime said. */
  public DeviceException(String message) {
    super(message);
  }
}
