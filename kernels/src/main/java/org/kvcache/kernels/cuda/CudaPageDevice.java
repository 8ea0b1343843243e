package org.kvcache.kernels.cuda;

import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.DevicePages;
import org.kvcache.spi.PageDevice;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PagePoolContext;

/**
 * {@code cuda}: pages in the memory of one of NVIDIA's GPUs: number 0, that of {@code
 * -Dkvcache.cuda.device}, or that of the options, as in {@code cuda:1}.
 */
public final class CudaPageDevice implements PageDevice {

  private static final String NAME = "cuda";

  /** Called by {@link java.util.ServiceLoader}. */
  public CudaPageDevice() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "CUDA: " + String.join(", ", CudaDevice.descriptions());
  }

  @Override
  public @Nullable String unavailable() {
    return CudaDevice.unavailable();
  }

  @Override
  public PagePool open(PagePoolContext context) {
    int unnamed = Integer.getInteger("kvcache.cuda.device", 0);
    int ordinal = DevicePages.ordinal(NAME, context.options(), unnamed);
    return DevicePages.open(CudaDevice.open(ordinal), context);
  }
}
