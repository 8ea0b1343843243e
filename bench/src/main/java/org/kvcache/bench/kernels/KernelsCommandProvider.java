package org.kvcache.bench.kernels;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache kernels}. */
public final class KernelsCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public KernelsCommandProvider() {}

  @Override
  public Object command() {
    return new KernelsCommand();
  }
}
