package org.kvcache.bench.serve;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache serve-demo}. */
public final class ServeDemoCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public ServeDemoCommandProvider() {}

  @Override
  public Object command() {
    return new ServeDemoCommand();
  }
}
