package org.kvcache.bench;

import com.github.benmanes.caffeine.cache.simulator.policy.AccessEvent;
import com.github.benmanes.caffeine.cache.simulator.policy.Policy;
import com.github.benmanes.caffeine.cache.simulator.policy.Policy.KeyOnlyPolicy;
import com.github.benmanes.caffeine.cache.simulator.policy.adaptive.ArcPolicy;
import com.github.benmanes.caffeine.cache.simulator.policy.irr.LirsPolicy;
import com.github.benmanes.caffeine.cache.simulator.policy.linked.LinkedPolicy;
import com.github.benmanes.caffeine.cache.simulator.policy.linked.SievePolicy;
import com.github.benmanes.caffeine.cache.simulator.policy.opt.ClairvoyantPolicy;
import com.github.benmanes.caffeine.cache.simulator.policy.sketch.WindowTinyLfuPolicy;
import com.github.benmanes.caffeine.cache.simulator.policy.two_queue.S3FifoPolicy;
import com.github.benmanes.caffeine.cache.simulator.policy.two_queue.TwoQueuePolicy;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The policies of the Caffeine simulator, with our constants where it lets one choose. */
public final class CaffeinePeers implements PeerLibrary {

  private static final Config DEFAULTS = ConfigFactory.load().getConfig("caffeine.simulator");

  @Override
  public Cache open(String policy, int capacity, int uniqueKeys) {
    Pairing pairing = Pairing.of(policy);
    // Its SIEVE holds one entry less than it should, up to release 3.2.4.
    int size = pairing == Pairing.SIEVE ? capacity + 1 : capacity;
    Policy opened = policy(pairing, config(size));
    return opened instanceof KeyOnlyPolicy keyOnly
        ? new KeyCache(keyOnly)
        : new EventCache(opened, uniqueKeys);
  }

  private static Config config(int capacity) {
    Map<String, Object> ours =
        Map.of(
            "maximum-size",
            capacity,
            "two-queue.percent-in",
            0.25,
            "two-queue.percent-out",
            0.5,
            "lirs.percent-hot",
            0.95);
    return ConfigFactory.parseMap(ours).withFallback(DEFAULTS);
  }

  private static Policy policy(Pairing pairing, Config config) {
    return switch (pairing) {
      case LRU -> linked(config, LinkedPolicy.EvictionPolicy.LRU);
      case FIFO -> linked(config, LinkedPolicy.EvictionPolicy.FIFO);
      case ARC -> new ArcPolicy(config);
      case SIEVE -> new SievePolicy(config);
      case S3_FIFO -> new S3FifoPolicy(config);
      case TWO_QUEUE -> new TwoQueuePolicy(config);
      case LIRS -> new LirsPolicy(config);
      case W_TINYLFU -> only(WindowTinyLfuPolicy.policies(config));
      case OPT -> new ClairvoyantPolicy(config);
    };
  }

  private static Policy linked(Config config, LinkedPolicy.EvictionPolicy eviction) {
    Config always = ConfigFactory.parseMap(Map.of("admission", List.of("Always")));
    return only(LinkedPolicy.policies(always.withFallback(config), Set.of(), eviction));
  }

  private static Policy only(Set<Policy> policies) {
    return policies.iterator().next();
  }

  private record KeyCache(KeyOnlyPolicy policy) implements Cache {
    @Override
    public void replay(int[] keys) {
      for (int key : keys) {
        policy.record(key);
      }
    }

    @Override
    public long hits() {
      policy.finished();
      return policy.stats().hitCount();
    }
  }

  private static final class EventCache implements Cache {
    private final Policy policy;
    private final AccessEvent[] events;

    EventCache(Policy policy, int uniqueKeys) {
      this.policy = policy;
      events = new AccessEvent[uniqueKeys];
      for (int key = 0; key < uniqueKeys; key++) {
        events[key] = AccessEvent.forKey(key);
      }
    }

    @Override
    public void replay(int[] keys) {
      for (int key : keys) {
        policy.record(events[key]);
      }
      if (policy instanceof ClairvoyantPolicy) {
        policy.finished(); // until then it only takes notes
      }
    }

    @Override
    public long hits() {
      if (!(policy instanceof ClairvoyantPolicy)) {
        policy.finished();
      }
      return policy.stats().hitCount();
    }
  }
}
