package org.kvcache.spi;

import java.util.Objects;
import java.util.function.Function;

/**
 * A tier as configured, not yet open.
 *
 * @param name its name in statistics and events: {@code disk}, {@code redis}
 * @param when when blocks are handed to it
 * @param factory opens it; throws {@link IllegalArgumentException} or {@link
 *     java.io.UncheckedIOException} with one sentence when it cannot be used as configured, and
 *     does not throw because a server is down
 */
public record TierSpec(String name, StoreWhen when, Function<TierContext, BlockTier> factory) {

  /** When a block is handed to a tier. */
  public enum StoreWhen {
    /** When it is committed: it survives a crash and other processes can use it. */
    COMMITTED,
    /** When memory evicts it: fewer writes, and what was in memory is lost with the process. */
    EVICTED
  }

  /** Checks the fields. */
  public TierSpec {
    Objects.requireNonNull(name);
    Objects.requireNonNull(when);
    Objects.requireNonNull(factory);
  }

  /** The same, handed blocks at another time. */
  public TierSpec storing(StoreWhen newWhen) {
    return new TierSpec(name, newWhen, factory);
  }
}
