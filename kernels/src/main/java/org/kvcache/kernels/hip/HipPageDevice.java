package org.kvcache.kernels.hip;

import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.DevicePages;
import org.kvcache.spi.PageDevice;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PagePoolContext;

/**
 * {@code hip}: pages in the memory of one of AMD's GPUs: number 0, that of {@code
 * -Dkvcache.hip.device}, or that of the options, as in {@code hip:1}.
 */
public final class HipPageDevice implements PageDevice {

  private static final String NAME = "hip";

  /** Called by {@link java.util.ServiceLoader}. */
  public HipPageDevice() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "ROCm: " + String.join(", ", HipDevice.descriptions());
  }

  @Override
  public @Nullable String unavailable() {
    return HipDevice.unavailable();
  }

  @Override
  public PagePool open(PagePoolContext context) {
    int unnamed = Integer.getInteger("kvcache.hip.device", 0);
    int ordinal = DevicePages.ordinal(NAME, context.options(), unnamed);
    return DevicePages.open(HipDevice.open(ordinal), context);
  }
}
