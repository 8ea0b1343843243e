package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.ReuseHint;

/**
 * Learned reuse: evicts the block whose slot earns the fewest hits in the time to come.
 *
 * <p>Blocks fall into classes by how many requests have used them and by what the application said
 * when it let go of them. For each class the policy learns how likely reuse is at each age, from
 * blocks it has already evicted too, and ranks a block by its Gittins index (J. C. Gittins, "Bandit
 * Processes and Dynamic Allocation Indices", JRSS B 1979; for caches: "Gittins index" in A. Berger
 * et al., LHD, NSDI 2018 is the related hit-density rank). A hint that is often wrong is worth
 * little by the same rule, without a threshold to set.
 */
public final class HazardPolicy implements EvictionPolicy {

  private final ReuseClasses classes;

  /** An empty policy. */
  public HazardPolicy(PolicyContext context) {
    classes = new ReuseClasses(context);
  }

  @Override
  public void miss(int entry) {
    classes.miss(entry);
  }

  @Override
  public void insert(int entry) {
    classes.insert(entry);
  }

  @Override
  public void hit(int entry) {
    classes.hit(entry);
  }

  @Override
  public void hint(int entry, ReuseHint hint) {
    classes.hint(entry, hint);
  }

  @Override
  public void release(int entry, boolean evictable) {
    classes.release(entry, evictable);
  }

  @Override
  public void expose(int entry) {
    classes.expose(entry);
  }

  @Override
  public int victim() {
    return classes.leastWorth();
  }

  @Override
  public boolean evict(int entry) {
    classes.evict(entry);
    return true;
  }

  @Override
  public void remove(int entry) {
    classes.remove(entry);
  }

  @Override
  public Map<String, Double> state() {
    var state = new LinkedHashMap<String, Double>();
    classes.describe(state);
    return state;
  }
}
