package org.kvcache;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.kvcache.spi.TierSpec;

/**
 * The counters of a {@link KvCache} as Micrometer meters: {@code new
 * KvCacheMeters(cache).bindTo(registry)}. Needs {@code micrometer-core} on the class path, which
 * the rest of the API does without.
 *
 * <p>Every meter has the tag {@code model}. Counters count from the opening of the cache; after its
 * closing all meters stay as they were last. The registry does not keep the cache from being
 * collected.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>tags</th><th>what</th></tr>
 *   <tr><td>{@code kvcache.prefix.tokens}</td>
 *     <td>{@code result}: hit, miss; {@code place}: memory, tiers, none</td>
 *     <td>prompt tokens looked up</td></tr>
 *   <tr><td>{@code kvcache.committed.tokens}</td><td></td><td>tokens that were computed</td></tr>
 *   <tr><td>{@code kvcache.blocks}</td>
 *     <td>{@code state}: free, cached, pinned, private</td>
 *     <td>blocks of the memory; the four add up to all of them</td></tr>
 *   <tr><td>{@code kvcache.memory}, {@code kvcache.staged}</td><td></td>
 *     <td>bytes of block memory, of rows waiting to be encoded</td></tr>
 *   <tr><td>{@code kvcache.evictions}</td>
 *     <td>{@code outcome}: demoted, deleted; {@code policy}</td>
 *     <td>blocks evicted: offered to a tier, or gone</td></tr>
 *   <tr><td>{@code kvcache.refusals}</td><td></td><td>allocations that found no room</td></tr>
 *   <tr><td>{@code kvcache.sequences}</td><td></td><td>sequences open</td></tr>
 *   <tr><td>{@code kvcache.sequences.leaked}</td><td></td><td>dropped unclosed</td></tr>
 *   <tr><td>{@code kvcache.tier.blocks}</td>
 *     <td>{@code tier}; {@code direction}: offload, onboard; {@code result}: ok, failed</td>
 *     <td>blocks handed to a tier and taken back; failed are those dropped and those missed</td>
 *   </tr>
 *   <tr><td>{@code kvcache.tier.tokens}</td><td>{@code tier}</td>
 *     <td>tokens taken back from a tier</td></tr>
 *   <tr><td>{@code kvcache.tier.load}, {@code kvcache.tier.store}</td><td>{@code tier}</td>
 *     <td>timers of calls, each of several blocks</td></tr>
 *   <tr><td>{@code kvcache.tier.held}, {@code kvcache.tier.size}, {@code kvcache.tier.available}
 *     </td><td>{@code tier}</td><td>blocks and bytes it holds; 1, or 0 while it is given up</td>
 *   </tr>
 *   <tr><td>{@code kvcache.tier.evictions}, {@code kvcache.tier.corrupt},
 *     {@code kvcache.tier.failures}</td><td>{@code tier}</td>
 *     <td>blocks given up for its limit, damaged records, calls that failed</td></tr>
 *   <tr><td>{@code kvcache.retrieval.layers}</td>
 *     <td>{@code retriever}; {@code choice}: chosen, whole, host</td>
 *     <td>layers of blocks by what they see, see {@link RetrievalStats}; these and the following
 *     only with a {@link Retrieval}</td></tr>
 *   <tr><td>{@code kvcache.retrieval.ahead}</td><td></td>
 *     <td>of all of these, those that a look-ahead had ready</td></tr>
 *   <tr><td>{@code kvcache.retrieval.pages}</td><td>{@code result}: moved, reused</td>
 *     <td>chosen pages that had to be moved to the device, and that were there</td></tr>
 *   <tr><td>{@code kvcache.retrieval.moved}, {@code kvcache.retrieval.tail},
 *     {@code kvcache.retrieval.keys}</td><td></td>
 *     <td>bytes of chosen pages and of last blocks moved, keys scored</td></tr>
 *   <tr><td>{@code kvcache.retrieval.repeated}, {@code kvcache.retrieval.dropped},
 *     {@code kvcache.retrieval.raises}</td><td></td>
 *     <td>transfers made again, look-aheads given up, budgets raised</td></tr>
 *   <tr><td>{@code kvcache.retrieval.recall}, {@code kvcache.retrieval.overlap}</td><td></td>
 *     <td>shares: attention kept by compared choices, time of choosing that nobody waited for</td>
 *   </tr>
 * </table>
 *
 * <p>{@link #withVllmNames} adds what dashboards made for vLLM ask for.
 */
public final class KvCacheMeters implements MeterBinder {

  private final KvCache cache;
  private final Tags tags;
  private final boolean vllmNames;

  /** Meters of a cache, tagged with the name of its model. */
  public KvCacheMeters(KvCache cache) {
    this(cache, Tags.empty());
  }

  /**
   * Meters with tags of the caller's too.
   *
   * @param tags must tell caches of one model and registry apart
   */
  public KvCacheMeters(KvCache cache, Iterable<Tag> tags) {
    this(cache, Tags.of(tags), false);
  }

  private KvCacheMeters(KvCache cache, Tags tags, boolean vllmNames) {
    this.cache = cache;
    this.tags = tags;
    this.vllmNames = vllmNames;
  }

  /**
   * The same meters, and beside them those of vLLM 1 that have a counterpart, under its own names,
   * colon and all, and with its tag {@code model_name}: counters {@code vllm:prefix_cache_queries},
   * {@code vllm:prefix_cache_hits}, {@code vllm:external_prefix_cache_queries} and {@code
   * vllm:external_prefix_cache_hits} in tokens, where external means the tiers, and the gauge
   * {@code vllm:kv_cache_usage_perc} from 0 to 1: the share of blocks that open sequences use.
   * Micrometer's Prometheus registry keeps the colon and adds {@code _total} to counters, as vLLM's
   * does.
   */
  public KvCacheMeters withVllmNames() {
    return new KvCacheMeters(cache, tags, true);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    var recent = new RecentStats(cache, registry.config().clock());
    KvCacheConfig config = cache.config();
    var meters = new Meters(registry, cache, recent, tags.and("model", config.model()));
    bindTokens(meters);
    bindMemory(meters);
    bindEvictions(meters.with("policy", config.policy()));
    List<TierSpec> tiers = config.tiers();
    for (int i = 0; i < tiers.size(); i++) {
      int index = i;
      bindTier(meters.with("tier", tiers.get(i).name()), stats -> stats.tiers().get(index));
    }
    Retrieval retrieval = config.retrieval();
    if (retrieval != null) {
      bindRetrieval(meters.with("retriever", retrieval.retriever()));
    }
    if (vllmNames) {
      bindVllm(new Meters(registry, cache, recent, tags.and("model_name", config.model())));
    }
  }

  private static void bindTokens(Meters meters) {
    String name = "kvcache.prefix.tokens";
    Meters hits = meters.with("result", "hit");
    hits.with("place", "memory").counter(name, "tokens", KvCacheStats::memoryHitTokens);
    hits.with("place", "tiers").counter(name, "tokens", KvCacheStats::promotedTokens);
    meters
        .with("result", "miss")
        .with("place", "none")
        .counter(name, "tokens", stats -> stats.queriedTokens() - hits(stats));
    meters.counter("kvcache.committed.tokens", "tokens", KvCacheStats::committedTokens);
    meters.gauge("kvcache.sequences", "sequences", KvCacheStats::openSequences);
    meters.counter("kvcache.sequences.leaked", "sequences", KvCacheStats::leakedSequences);
  }

  private static long hits(KvCacheStats stats) {
    return stats.memoryHitTokens() + stats.promotedTokens();
  }

  private static void bindMemory(Meters meters) {
    String name = "kvcache.blocks";
    meters.with("state", "free").gauge(name, "blocks", stats -> stats.blocks().freeSlots());
    meters
        .with("state", "cached")
        .gauge(
            name, "blocks", stats -> stats.blocks().cachedBlocks() - stats.blocks().pinnedBlocks());
    meters.with("state", "pinned").gauge(name, "blocks", stats -> stats.blocks().pinnedBlocks());
    meters.with("state", "private").gauge(name, "blocks", stats -> stats.blocks().privateBlocks());
    meters.gauge("kvcache.memory", "bytes", KvCacheStats::memoryBytes);
    meters.gauge("kvcache.staged", "bytes", KvCacheStats::stagedBytes);
    meters.counter("kvcache.refusals", "", stats -> stats.blocks().refusals());
  }

  private static void bindEvictions(Meters meters) {
    String name = "kvcache.evictions";
    meters
        .with("outcome", "demoted")
        .counter(name, "blocks", stats -> stats.blocks().evictedDemoted());
    meters
        .with("outcome", "deleted")
        .counter(name, "blocks", stats -> stats.blocks().evictedDeleted());
  }

  private static void bindTier(Meters meters, Function<KvCacheStats, TierStats> tier) {
    String name = "kvcache.tier.blocks";
    Meters offload = meters.with("direction", "offload");
    offload.with("result", "ok").counter(name, "blocks", s -> tier.apply(s).storedBlocks());
    offload.with("result", "failed").counter(name, "blocks", s -> tier.apply(s).droppedBlocks());
    Meters onboard = meters.with("direction", "onboard");
    onboard.with("result", "ok").counter(name, "blocks", s -> tier.apply(s).loadedBlocks());
    onboard.with("result", "failed").counter(name, "blocks", s -> tier.apply(s).missedBlocks());
    meters.counter("kvcache.tier.tokens", "tokens", s -> tier.apply(s).loadedTokens());
    meters.timer("kvcache.tier.load", s -> tier.apply(s).loads(), s -> tier.apply(s).loadNanos());
    meters.timer(
        "kvcache.tier.store", s -> tier.apply(s).stores(), s -> tier.apply(s).storeNanos());
    meters.gauge("kvcache.tier.held", "blocks", s -> tier.apply(s).blocks());
    meters.gauge("kvcache.tier.size", "bytes", s -> tier.apply(s).bytes());
    meters.gauge("kvcache.tier.available", "", s -> tier.apply(s).available() ? 1 : 0);
    meters.counter("kvcache.tier.evictions", "blocks", s -> tier.apply(s).evictedBlocks());
    meters.counter("kvcache.tier.corrupt", "blocks", s -> tier.apply(s).corruptBlocks());
    meters.counter("kvcache.tier.failures", "", s -> tier.apply(s).failures());
  }

  private static void bindRetrieval(Meters meters) {
    String layers = "kvcache.retrieval.layers";
    meters.with("choice", "chosen").counter(layers, "layers", s -> s.retrieval().chosenLayers());
    meters.with("choice", "whole").counter(layers, "layers", s -> s.retrieval().wholeLayers());
    meters.with("choice", "host").counter(layers, "layers", s -> s.retrieval().hostLayers());
    meters.counter("kvcache.retrieval.ahead", "layers", s -> s.retrieval().aheadLayers());
    String pages = "kvcache.retrieval.pages";
    meters.with("result", "moved").counter(pages, "pages", s -> s.retrieval().movedPages());
    meters
        .with("result", "reused")
        .counter(pages, "pages", s -> s.retrieval().wantedPages() - s.retrieval().movedPages());
    meters.counter("kvcache.retrieval.moved", "bytes", s -> s.retrieval().movedBytes());
    meters.counter("kvcache.retrieval.tail", "bytes", s -> s.retrieval().tailBytes());
    meters.counter("kvcache.retrieval.keys", "keys", s -> s.retrieval().scannedKeys());
    meters.counter("kvcache.retrieval.repeated", "", s -> s.retrieval().repeatedReads());
    meters.counter("kvcache.retrieval.dropped", "", s -> s.retrieval().droppedLookAheads());
    meters.counter("kvcache.retrieval.raises", "", s -> s.retrieval().raises());
    meters.gauge("kvcache.retrieval.recall", "", s -> s.retrieval().recall());
    meters.gauge("kvcache.retrieval.overlap", "", s -> s.retrieval().overlap());
  }

  private static void bindVllm(Meters meters) {
    meters.counter("vllm:prefix_cache_queries", "", KvCacheStats::queriedTokens);
    meters.counter("vllm:prefix_cache_hits", "", KvCacheStats::memoryHitTokens);
    meters.counter(
        "vllm:external_prefix_cache_queries",
        "",
        stats -> stats.tiers().isEmpty() ? 0 : stats.queriedTokens() - stats.memoryHitTokens());
    meters.counter("vllm:external_prefix_cache_hits", "", KvCacheStats::promotedTokens);
    meters.gauge(
        "vllm:kv_cache_usage_perc",
        "",
        stats -> {
          BlockManagerStats blocks = stats.blocks();
          return (double) (blocks.pinnedBlocks() + blocks.privateBlocks()) / blocks.slots();
        });
  }

  /** Registers meters of one set of tags. */
  private record Meters(MeterRegistry registry, KvCache cache, RecentStats recent, Tags tags) {

    Meters with(String key, String value) {
      return new Meters(registry, cache, recent, tags.and(key, value));
    }

    // The meters hold the cache weakly, and their functions must not hold it either.

    void counter(String name, String unit, ToDoubleFunction<KvCacheStats> of) {
      RecentStats stats = recent;
      FunctionCounter.builder(name, cache, known -> of.applyAsDouble(stats.of(known)))
          .tags(tags)
          .baseUnit(unit.isEmpty() ? null : unit)
          .register(registry);
    }

    void gauge(String name, String unit, ToDoubleFunction<KvCacheStats> of) {
      RecentStats stats = recent;
      Gauge.builder(name, cache, known -> of.applyAsDouble(stats.of(known)))
          .tags(tags)
          .baseUnit(unit.isEmpty() ? null : unit)
          .register(registry);
    }

    void timer(
        String name, ToLongFunction<KvCacheStats> count, ToDoubleFunction<KvCacheStats> nanos) {
      RecentStats stats = recent;
      FunctionTimer.builder(
              name,
              cache,
              known -> count.applyAsLong(stats.of(known)),
              known -> nanos.applyAsDouble(stats.of(known)),
              TimeUnit.NANOSECONDS)
          .tags(tags)
          .register(registry);
    }
  }

  /** One snapshot for all the meters of a scrape. Thread-safe. */
  private static final class RecentStats {
    private static final long MOST_NANOS = 100_000_000;

    private final Clock clock;
    private KvCacheStats last;
    private long takenNanos;

    RecentStats(KvCache cache, Clock clock) {
      this.clock = clock;
      last = cache.stats();
      takenNanos = clock.monotonicTime() - MOST_NANOS;
    }

    synchronized KvCacheStats of(KvCache cache) {
      long now = clock.monotonicTime();
      if (now - takenNanos >= MOST_NANOS) {
        try {
          last = cache.stats();
        } catch (IllegalStateException closed) {
          // stays as it was
        }
        takenNanos = now;
      }
      return last;
    }
  }
}
