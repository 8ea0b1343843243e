package org.kvcache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

/** Two policies that must give the same answer to every call. */
final class TwinnedPolicy implements EvictionPolicy {

  private final PolicyContext context;
  private final Recorder ours;
  private final Recorder theirs;
  private final EvictionPolicy policy;
  private final EvictionPolicy twin;
  private boolean asked; // the twins are too simple to be asked twice in a row

  private TwinnedPolicy(
      PolicyContext context,
      Function<PolicyContext, EvictionPolicy> policy,
      Function<PolicyContext, EvictionPolicy> twin) {
    this.context = context;
    ours = new Recorder(context);
    theirs = new Recorder(context);
    this.policy = policy.apply(ours);
    this.twin = twin.apply(theirs);
  }

  /** {@code spec} beside its twin of the same name. */
  static PolicySpec of(PolicySpec spec) {
    var twin = ReferencePolicies.TWINS.get(spec.name());
    return new PolicySpec(
        spec.name(),
        spec.summary(),
        spec.leafFirst(),
        spec.ghosts(),
        spec.readsHints(),
        context -> new TwinnedPolicy(context, spec.factory(), twin));
  }

  /** The ghosts that both have forgotten are forgotten for good, in the order of ours. */
  private void agree() {
    assertThat(ours.forgotten).hasSameElementsAs(theirs.forgotten);
    var forgotten = List.copyOf(ours.forgotten);
    ours.forgotten.clear();
    theirs.forgotten.clear();
    forgotten.forEach(context::forget);
  }

  @Override
  public void miss(int entry) {
    asked = false;
    policy.miss(entry);
    twin.miss(entry);
    agree();
  }

  @Override
  public void insert(int entry) {
    asked = false;
    policy.insert(entry);
    twin.insert(entry);
    agree();
  }

  @Override
  public void hit(int entry) {
    asked = false;
    policy.hit(entry);
    twin.hit(entry);
    agree();
  }

  @Override
  public void release(int entry, boolean evictable) {
    asked = false;
    policy.release(entry, evictable);
    twin.release(entry, evictable);
    agree();
  }

  @Override
  public void expose(int entry) {
    asked = false;
    policy.expose(entry);
    twin.expose(entry);
    agree();
  }

  @Override
  public void hint(int entry, ReuseHint hint) {
    policy.hint(entry, hint);
    twin.hint(entry, hint);
  }

  @Override
  public int victim() {
    int victim = policy.victim();
    if (!asked) {
      assertThat(victim).isEqualTo(twin.victim());
      asked = true;
    }
    agree();
    return victim;
  }

  @Override
  public boolean evict(int entry) {
    asked = false;
    boolean ghost = policy.evict(entry);
    assertThat(ghost).isEqualTo(twin.evict(entry));
    agree();
    return ghost;
  }

  @Override
  public void remove(int entry) {
    asked = false;
    policy.remove(entry);
    twin.remove(entry);
    agree();
  }

  @Override
  public Map<String, Double> state() {
    return policy.state();
  }

  private static final class Recorder implements PolicyContext {
    private final PolicyContext context;
    private final List<Integer> forgotten = new ArrayList<>();

    Recorder(PolicyContext context) {
      this.context = context;
    }

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
      forgotten.add(ghost);
    }
  }
}
