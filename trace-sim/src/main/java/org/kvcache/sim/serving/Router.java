package org.kvcache.sim.serving;

import java.util.Arrays;
import java.util.List;
import org.kvcache.sim.trace.Trace;

/** Chooses the replica of each request. */
final class Router {
  private static final int NONE = -1;

  /** A replica with the prefix is left alone if it has so many times the work of the idlest. */
  private static final double IMBALANCE = 2;

  private final Trace trace;
  private final Routing routing;
  private final List<Replica> replicas;
  private final int[] chain;

  /** By block of the trace: the replica that last got a request with it. */
  private final int[] lastReplica;

  private int turn;

  Router(Trace trace, Routing routing, List<Replica> replicas) {
    this.trace = trace;
    this.routing = routing;
    this.replicas = replicas;
    boolean follows = routing == Routing.PREFIX && replicas.size() > 1;
    chain = new int[trace.maxChain()];
    lastReplica = new int[follows ? trace.uniqueBlocks() : 0];
    Arrays.fill(lastReplica, NONE);
  }

  Replica choose(int request) {
    if (replicas.size() == 1) {
      return replicas.getFirst();
    }
    return switch (routing) {
      case ROUND_ROBIN -> replicas.get(turn++ % replicas.size());
      case LEAST_LOADED -> idlest();
      case PREFIX -> byPrefix(request);
    };
  }

  private Replica idlest() {
    Replica idlest = replicas.getFirst();
    for (Replica replica : replicas) {
      if (replica.backlog() < idlest.backlog()) {
        idlest = replica;
      }
    }
    return idlest;
  }

  private Replica byPrefix(int request) {
    int count = trace.chain(request, chain);
    Replica chosen = idlest();
    int block = count - 1;
    while (block >= 0 && lastReplica[chain[block]] == NONE) {
      block--;
    }
    if (block >= 0) {
      Replica known = replicas.get(lastReplica[chain[block]]);
      long own = trace.inputTokens(request);
      if (known.backlog() <= IMBALANCE * chosen.backlog() + own) {
        chosen = known;
      }
    }
    for (int i = 0; i < count; i++) {
      lastReplica[chain[i]] = chosen.index();
    }
    return chosen;
  }
}
