package org.kvcache.offload.device;

import org.jspecify.annotations.Nullable;
import org.kvcache.spi.PageDevice;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PagePoolContext;

/**
 * {@code host}: an emulated device in this machine's memory. Its options say how fast the link to
 * it is: {@code host:25GB/s+10us} moves 25 GB a second and takes 10 µs more for each transfer;
 * {@code host} alone is as fast as the memory.
 */
public final class HostDevice implements PageDevice {

  /** Called by {@link java.util.ServiceLoader}. */
  public HostDevice() {}

  @Override
  public String name() {
    return "host";
  }

  @Override
  public String summary() {
    return "an emulated device in this machine's memory; host:25GB/s+10us has such a link to it";
  }

  @Override
  public @Nullable String unavailable() {
    return null;
  }

  @Override
  public PagePool open(PagePoolContext context) {
    return new HostPool(context, Link.parse(context.options()), LinkClock.SYSTEM);
  }
}
