package org.kvcache.policy;

import java.util.Locale;
import java.util.Map;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.ShadowCache;

/**
 * Miniature caches under LRU, ARC and {@link HazardPolicy}, fed with a sample of the references, and
 * the verdict which of them does best lately.
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
  private static final int MIN_SHADOW = 512;
  private static final double DEVIATIONS = 2.5;

  private final ShadowCache[] shadows;
  private final ArcPolicy arc;
  private final long mask;
  private final double forget;
  private final boolean[] hits = new boolean[Contestant.values().length];
  private final double[] lead = new double[Contestant.values().length];
  private final double[] variance = new double[Contestant.values().length];
  private final double[] score = new double[Contestant.values().length];
  private final double[] requestLead = new double[Contestant.values().length];
  private double weight;
  private int sinceForget;
  private final int forgetEvery;
  private Contestant leader = Contestant.HAZARD;
  private long switches;

  Tournament(PolicyContext context) {
    int rate = Integer.highestOneBit(Math.max(1, context.capacity() / MIN_SHADOW));
    mask = rate - 1;
    int capacity = Math.max(1, context.capacity() / rate);
    var arcShadow = new ShadowCache(capacity, context.seed(), Policies.ARC);
    shadows =
        new ShadowCache[] {
          new ShadowCache(capacity, context.seed(), Policies.HAZARD),
          new ShadowCache(capacity, context.seed(), Policies.LRU),
          arcShadow,
        };
    arc = (ArcPolicy) arcShadow.policy();
    forgetEvery = Math.max(64, capacity / 4);
    forget = 0.97; // half a life of about six cache fillings of references
  }

  /** Whether references to a key with this hash are in the sample. */
  boolean samples(long keyHash) {
    // Not the low bits: indices and other samplers use those.
    return (keyHash >>> 40 & mask) == 0;
  }

  /** One reference to a sampled key. */
  void access(long keyHash) {
    for (int i = 0; i < shadows.length; i++) {
      hits[i] = shadows[i].access(keyHash);
    }
    int led = leader.ordinal();
    weight++;
    for (int i = 0; i < shadows.length; i++) {
      score[i] += hits[i] ? 1 : 0;
      if (hits[i] != hits[led]) {
        requestLead[i] += hits[i] ? 1 : -1;
      }
    }
    if (++sinceForget == forgetEvery) {
      sinceForget = 0;
      decay();
    }
  }

  /** A request is over: what it said about the contestants counts, and the leader may change. */
  void endRequest() {
    int best = leader.ordinal();
    double bestLead = 0;
    for (int i = 0; i < lead.length; i++) {
      double draw = requestLead[i];
      if (draw != 0) {
        lead[i] += draw;
        variance[i] += draw * draw;
        requestLead[i] = 0;
      }
      if (lead[i] > bestLead && lead[i] > DEVIATIONS * Math.sqrt(variance[i])) {
        best = i;
        bestLead = lead[i];
      }
    }
    if (best != leader.ordinal()) {
      crown(best);
    }
  }

  private void crown(int best) {
    double base = lead[best];
    for (int i = 0; i < lead.length; i++) {
      lead[i] -= base;
      // The new leader must now be beaten by as clear a lead as it had itself.
      variance[i] = Math.max(variance[i], variance[best]);
    }
    lead[best] = 0;
    variance[best] = 0;
    leader = Contestant.values()[best];
    switches++;
  }

  private void decay() {
    weight *= forget;
    for (int i = 0; i < lead.length; i++) {
      lead[i] *= forget;
      variance[i] *= forget;
      score[i] *= forget;
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
