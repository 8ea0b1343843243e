package org.kvcache.sim.serving;

import java.util.List;
import org.kvcache.sim.Simulator;

/**
 * How much of a prompt need not be computed: what the manager holds, or what a bound would. A bound
 * stands where a policy's name may, {@link Simulator#OPT} or {@link Simulator#INFINITE}. It is
 * asked when a sequence first begins, and only its answer's tokens are ideal: a manager under LRU
 * still gives the slots, so that as many sequences run at once as they would, share what they
 * really share, and find what it holds when they begin again after they gave way.
 *
 * <p>Both bounds serve one request at a time: a block counts as there as soon as the request before
 * has begun, though it may still be computed, and with it the answer's last token, whose keys and
 * values an engine never computes.
 */
interface Reuse {

  /** What the manager holds. */
  Reuse CACHED = (_, found, _) -> found;

  /**
   * Leading blocks that need not be computed.
   *
   * @param found what the manager holds of them
   * @param limit the most
   */
  int blocks(Sequence sequence, int found, int limit);

  /** All sequences of a batch, in the order in which they will begin. */
  default void foresee(List<Sequence> sequences) {}

  /** What a policy, or a bound by its name, finds in a cache of so many slots. */
  static Reuse of(String policy, int slots, int blockTokens) {
    return switch (policy) {
      case Simulator.OPT -> new OptimalReuse(slots, blockTokens);
      case Simulator.INFINITE -> new UnboundedReuse();
      default -> CACHED;
    };
  }

  /** The policy of the manager: LRU where a bound says what is found. */
  static String policyBelow(String policy) {
    return isBound(policy) ? "lru" : policy;
  }

  private static boolean isBound(String policy) {
    return policy.equals(Simulator.OPT) || policy.equals(Simulator.INFINITE);
  }

  /**
   * Refuses bounds where they would mean nothing.
   *
   * @throws IllegalArgumentException if the order is not known beforehand, or there is more than
   *     the cache to find something in
   */
  static void check(ServingConfig config, Load load) {
    if (!isBound(config.policy())) {
      return;
    }
    if (!(load instanceof Load.AtOnce(Order order) && order.isStatic())) {
      throw new IllegalArgumentException(
          "the bound '%s' must know the order of the requests; give a batch in the order %s or %s"
              .formatted(config.policy(), Order.ARRIVAL.label(), Order.DEPTH_FIRST.label()));
    }
    if (!config.tiers().isEmpty() || config.decoding() instanceof Decoding.Herald) {
      throw new IllegalArgumentException(
          "the bound '%s' has neither lower tiers nor retrieval; leave them out"
              .formatted(config.policy()));
    }
  }
}
