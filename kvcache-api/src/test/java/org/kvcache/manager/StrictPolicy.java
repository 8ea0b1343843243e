package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

/** A policy that fails when its manager breaks the order of calls that EvictionPolicy promises. */
final class StrictPolicy implements EvictionPolicy {

  private enum Life {
    UNKNOWN,
    ANNOUNCED,
    PINNED,
    GUARDED,
    LOOSE,
    GHOST
  }

  private final PolicySpec spec;
  private final EvictionPolicy policy;
  private final Life[] lives;
  private int announced = NONE;

  private StrictPolicy(PolicySpec spec, PolicyContext context) {
    this.spec = spec;
    lives = new Life[context.maxEntries()];
    Arrays.fill(lives, Life.UNKNOWN);
    policy = spec.factory().apply(watched(context));
  }

  static PolicySpec of(PolicySpec spec) {
    return new PolicySpec(
        spec.name(),
        spec.summary(),
        spec.leafFirst(),
        spec.ghosts(),
        spec.readsHints(),
        context -> new StrictPolicy(spec, context));
  }

  private void move(int entry, Life to, Life... from) {
    assertThat(lives[entry]).as("entry %d becomes %s", entry, to).isIn((Object[]) from);
    lives[entry] = to;
  }

  @Override
  public void miss(int entry) {
    move(entry, Life.ANNOUNCED, Life.UNKNOWN, Life.GHOST);
    announced = entry;
    policy.miss(entry);
  }

  @Override
  public void insert(int entry) {
    assertThat(entry).isEqualTo(announced);
    move(entry, Life.PINNED, Life.ANNOUNCED);
    policy.insert(entry);
  }

  @Override
  public void hit(int entry) {
    move(entry, Life.PINNED, Life.PINNED, Life.GUARDED, Life.LOOSE);
    policy.hit(entry);
  }

  @Override
  public void release(int entry, boolean evictable) {
    assertThat(evictable || spec.leafFirst()).isTrue();
    move(entry, evictable ? Life.LOOSE : Life.GUARDED, Life.PINNED);
    policy.release(entry, evictable);
  }

  @Override
  public void expose(int entry) {
    move(entry, Life.LOOSE, Life.GUARDED);
    policy.expose(entry);
  }

  @Override
  public void hint(int entry, ReuseHint hint) {
    assertThat(spec.readsHints()).isTrue();
    assertThat(hint).isNotEqualTo(ReuseHint.NONE);
    move(entry, Life.PINNED, Life.PINNED);
    policy.hint(entry, hint);
  }

  @Override
  public int victim() {
    return policy.victim();
  }

  @Override
  public boolean evict(int entry) {
    move(entry, Life.GHOST, Life.LOOSE);
    boolean kept = policy.evict(entry);
    if (!kept) {
      lives[entry] = Life.UNKNOWN;
    }
    return kept;
  }

  @Override
  public void remove(int entry) {
    move(entry, Life.UNKNOWN, Life.PINNED, Life.GUARDED, Life.LOOSE, Life.GHOST);
    policy.remove(entry);
  }

  @Override
  public Map<String, Double> state() {
    return policy.state();
  }

  private PolicyContext watched(PolicyContext context) {
    return new PolicyContext() {
      @Override
      public int capacity() {
        return context.capacity();
      }

      @Override
      public int maxEntries() {
        return context.maxEntries();
      }

      @Override
      public long keyHash(int entry) {
        return context.keyHash(entry);
      }

      @Override
      public long seed() {
        return context.seed();
      }

      @Override
      public void forget(int ghost) {
        move(ghost, Life.UNKNOWN, Life.GHOST);
        context.forget(ghost);
      }
    };
  }
}
