package org.kvcache.bench.quality;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache schemes}. */
public final class SchemesCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public SchemesCommandProvider() {}

  @Override
  public Object command() {
    return new SchemesCommand();
  }
}
