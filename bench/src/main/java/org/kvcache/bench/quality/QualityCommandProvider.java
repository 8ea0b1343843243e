package org.kvcache.bench.quality;

import org.kvcache.sim.cli.CommandProvider;

/** {@code kvcache quality}. */
public final class QualityCommandProvider implements CommandProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public QualityCommandProvider() {}

  @Override
  public Object command() {
    return new QualityCommand();
  }
}
