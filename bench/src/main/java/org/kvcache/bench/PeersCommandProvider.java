package org.kvcache.bench;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache peers}. */
public final class PeersCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public PeersCommandProvider() {}

  @Override
  public Object command() {
    return new PeersCommand();
  }
}
