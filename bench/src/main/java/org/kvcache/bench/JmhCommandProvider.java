package org.kvcache.bench;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache jmh}. */
public final class JmhCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public JmhCommandProvider() {}

  @Override
  public Object command() {
    return new JmhCommand();
  }
}
