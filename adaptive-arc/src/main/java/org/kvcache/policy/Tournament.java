package org.kvcache.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.ReuseHint;
import org.kvcache.spi.ShadowCache;

/**
 * Miniature caches under LRU, ARC and {@link HazardPolicy}, fed with a sample of the references,
 * and the verdict which of them does best lately.
 *
 * <p>The leader changes only when the challenger's lead is larger than chance would make it: the
 * references on which the two differ are counted for and against, and their difference is compared
 * with its standard deviation. Blocks of one request stand and fall together, so each request's
 * differences count as one draw of that size.
 */
final class Tournament {

  /** The contestants, in the order in which ties are broken. */
  enum Contestant {
    HAZARD,
    LRU,
    ARC
  }

  // A miniature of this many blocks ranks the policies as the full cache would; smaller caches are
  // shadowed in full.
  private static final int MIN_SHADOW = 96;

  // What was seen counts half after six fillings of the cache.
  private static final int TURNS_PER_FILLING = 4;
  private static final double FORGET = 0.97;

  // Learning takes a while; before this many fillings nothing is decided against it.
  private static final int GRACE_FILLINGS = 4;

  // How clear a lead must be, in standard deviations: less to go back to the usual winner.
  private static final double TO_LEAVE_HAZARD = 3;
  private static final double TO_RETURN = 1;

  private final ShadowCache[] shadows;
  private final ArcPolicy arc;
  private final long mask;
  private final boolean[] hits = new boolean[Contestant.values().length];
  private final double[] lead = new double[Contestant.values().length];
  private final double[] variance = new double[Contestant.values().length];
  private final double[] score = new double[Contestant.values().length];
  private final double[] requestLead = new double[Contestant.values().length];
  private boolean differed;
  private double weight;
  private int missesSinceForget;
  private int turns;
  private final int forgetEvery;
  private Contestant leader = Contestant.HAZARD;
  private long switches;

  Tournament(PolicyContext context) {
    int rate = Integer.highestOneBit(Math.max(1, context.capacity() / MIN_SHADOW));
    mask = rate - 1L;
    int capacity = Math.max(1, context.capacity() / rate);
    var arcShadow = new ShadowCache(capacity, context.seed(), Policies.ARC);
    shadows =
        new ShadowCache[] {
          new ShadowCache(capacity, context.seed(), Policies.HAZARD),
          new ShadowCache(capacity, context.seed(), Policies.LRU),
          arcShadow,
        };
    arc = (ArcPolicy) arcShadow.policy();
    forgetEvery = Math.max(64, capacity / TURNS_PER_FILLING);
  }

  /** Whether references to a key with this hash are in the sample. */
  boolean samples(long keyHash) {
    // Not the low bits: indices and other samplers use those.
    return ((keyHash >>> 40) & mask) == 0;
  }

  /** One reference to a sampled key, at its end, when its hint is known. */
  void access(long keyHash, ReuseHint hint) {
    int led = leader.ordinal();
    for (int i = 0; i < shadows.length; i++) {
      hits[i] = shadows[i].access(keyHash, hint);
      score[i] += hits[i] ? 1 : 0;
    }
    weight++;
    for (int i = 0; i < shadows.length; i++) {
      if (hits[i] != hits[led]) {
        requestLead[i] += hits[i] ? 1 : -1;
        differed = true;
      }
    }
    if (!hits[led] && ++missesSinceForget == forgetEvery) {
      missesSinceForget = 0;
      decay();
    }
  }

  /** A request is over: what it said about the contestants counts, and the leader may change. */
  void endRequest() {
    if (!differed) {
      return;
    }
    differed = false;
    int best = leader.ordinal();
    double bestLead = 0;
    for (int i = 0; i < lead.length; i++) {
      double draw = requestLead[i];
      if (draw != 0) {
        lead[i] += draw;
        variance[i] += draw * draw;
        requestLead[i] = 0;
      }
      double needed = i == Contestant.HAZARD.ordinal() ? TO_RETURN : TO_LEAVE_HAZARD;
      if (lead[i] > bestLead && lead[i] > needed * Math.sqrt(variance[i])) {
        best = i;
        bestLead = lead[i];
      }
    }
    if (best != leader.ordinal() && turns > GRACE_FILLINGS * TURNS_PER_FILLING) {
      crown(best);
    }
  }

  private void crown(int best) {
    // What was counted compared the others with the old leader; begin again.
    Arrays.fill(lead, 0);
    Arrays.fill(variance, 0);
    leader = Contestant.values()[best];
    switches++;
  }

  private void decay() {
    turns++;
    weight *= FORGET;
    for (int i = 0; i < lead.length; i++) {
      lead[i] *= FORGET;
      variance[i] *= FORGET;
      score[i] *= FORGET;
    }
  }

  Contestant leader() {
    return leader;
  }

  /** The share of the capacity that ARC would give to blocks used once, within 0 and 1. */
  double arcTarget() {
    return arc.target();
  }

  void describe(Map<String, Double> state) {
    state.put("leader", (double) leader.ordinal());
    state.put("switches", (double) switches);
    for (Contestant contestant : Contestant.values()) {
      state.put(
          "shadow." + contestant.name().toLowerCase(Locale.ROOT),
          weight == 0 ? 0 : score[contestant.ordinal()] / weight);
    }
    state.put("arc.p", arc.target());
  }
}
