package org.kvcache.bench.quality;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache encode}. */
public final class EncodeCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public EncodeCommandProvider() {}

  @Override
  public Object command() {
    return new EncodeCommand();
  }
}
