package org.kvcache.bench.quality;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache formats}. */
public final class FormatsCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public FormatsCommandProvider() {}

  @Override
  public Object command() {
    return new FormatsCommand();
  }
}
