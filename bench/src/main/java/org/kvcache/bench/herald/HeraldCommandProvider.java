package org.kvcache.bench.herald;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache herald}. */
public final class HeraldCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public HeraldCommandProvider() {}

  @Override
  public Object command() {
    return new HeraldCommand();
  }
}
