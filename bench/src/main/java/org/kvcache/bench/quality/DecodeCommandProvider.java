package org.kvcache.bench.quality;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache decode}. */
public final class DecodeCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public DecodeCommandProvider() {}

  @Override
  public Object command() {
    return new DecodeCommand();
  }
}
