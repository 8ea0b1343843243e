package org.kvcache.policy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.ReuseHint;

/**
 * The default: {@link HazardPolicy}, LRU and ARC in a tournament, whichever does best on a sample
 * of the present traffic choosing the victims.
 *
 * <p>All three choose from the same lists, so changing the leader moves nothing. LRU takes the
 * oldest end of all classes. ARC takes the oldest block used once while those are more than its
 * target p, the oldest of the others otherwise; p comes from its miniature. The miniatures see one
 * key in {@code capacity / 512}, so that following the tournament costs a fraction of one policy.
 */
public final class AdaptivePolicy implements EvictionPolicy {

  private final PolicyContext context;
  private final ReuseClasses classes;
  private final Tournament tournament;
  private final boolean[] sampled;
  private boolean releasing;

  /** An empty policy. */
  public AdaptivePolicy(PolicyContext context) {
    this.context = context;
    classes = new ReuseClasses(context);
    tournament = new Tournament(context);
    sampled = new boolean[context.maxEntries()];
  }

  @Override
  public void miss(int entry) {
    endRequest();
    sampled[entry] = tournament.samples(context.keyHash(entry));
    classes.miss(entry);
  }

  @Override
  public void insert(int entry) {
    classes.insert(entry);
  }

  @Override
  public void hit(int entry) {
    endRequest();
    classes.hit(entry);
  }

  // Requests are not announced to a policy; the first reference after a release begins another.
  private void endRequest() {
    if (releasing) {
      releasing = false;
      tournament.endRequest();
    }
  }

  @Override
  public void hint(int entry, ReuseHint hint) {
    classes.hint(entry, hint);
  }

  @Override
  public void release(int entry, boolean evictable) {
    releasing = true;
    if (sampled[entry]) {
      tournament.access(context.keyHash(entry), classes.hint(entry));
    }
    classes.release(entry, evictable);
  }

  @Override
  public void expose(int entry) {
    classes.expose(entry);
  }

  @Override
  public int victim() {
    return switch (tournament.leader()) {
      case HAZARD -> classes.leastWorth();
      case LRU -> classes.leastRecent();
      case ARC -> {
        boolean once = classes.usedOnce() > tournament.arcTarget() * context.capacity();
        int victim = classes.leastRecent(once);
        yield victim != NONE ? victim : classes.leastRecent(!once);
      }
    };
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
    tournament.describe(state);
    state.put("used_once", (double) classes.usedOnce());
    classes.describe(state);
    return state;
  }
}
