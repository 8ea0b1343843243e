package org.kvcache.cache;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockHasher;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockTable;
import org.kvcache.ByteSize;
import org.kvcache.ExtraKeys;
import org.kvcache.KeySpace;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvCacheStats;
import org.kvcache.KvEventListener;
import org.kvcache.KvLease;
import org.kvcache.KvSequence;
import org.kvcache.Retrieval;
import org.kvcache.RetrievalStats;
import org.kvcache.SequenceContent;
import org.kvcache.SequenceOptions;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.SparseKv;
import org.kvcache.spi.SparseKvContext;
import org.kvcache.spi.SparseKvProvider;
import org.kvcache.spi.TierContext;
import org.kvcache.spi.TierSpec;

/** {@link KvCache}: block memory, manager, tiers and workers put together. */
public final class BlockCache implements KvCache {

  private static final Logger LOGGER = System.getLogger(BlockCache.class.getName());
  private static final int REMEMBERED_SEQUENCES = 64;

  private final KvCacheConfig config;
  private final BlockHasher hasher;
  private final KeySpace space;
  private final CodecTable codecs;
  private final FrameMemory memory;
  private final @Nullable StagedRows stagedRows;
  private final BlockManager manager;
  private final WorkerPool workers;
  private final TierStack tiers;
  private final CacheCounters counters = new CacheCounters();
  private final LeakTracker leaks;
  private final KeyMemo memo = new KeyMemo(REMEMBERED_SEQUENCES);
  private final AtomicInteger listeners = new AtomicInteger();
  private final @Nullable SparseKv sparse;
  private volatile boolean closed;

  private BlockCache(KvCacheConfig config) {
    this.config = config;
    hasher = BlockHasher.of(config.hasher());
    AttentionBackend backend = AttentionBackend.named(config.backend());
    codecs = new CodecTable(config);
    String namespace = BlockSpace.describe(config, codecs);
    space = KeySpace.of(namespace);
    int spares = config.tiers().isEmpty() ? 0 : config.spareBlocks();
    manager = BlockManager.open(managerConfig(config, slots(config, spares)));
    stagedRows =
        config.staged() || codecs.groupsRows()
            ? new StagedRows(config.shape(), config.blockTokens())
            : null;
    leaks = new LeakTracker(config.leakDetection(), stagedRows);
    int reserve = Math.min(spares / 2, TierWorker.BATCH * config.tiers().size());
    memory = new FrameMemory(slots(config, spares), spares, reserve, codecs.frameBytes());
    workers =
        new WorkerPool(
            () -> new Worker(codecs, config.shape(), config.blockTokens(), memory, backend));
    try {
      var context =
          new TierContext(BlockSpace.key(namespace), namespace, codecs.frameBytes(), config.seed());
      tiers = new TierStack(config, context, memory);
      sparse = sparse(backend);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  /** Opens a cache; engines call {@link KvCache#open}. */
  public static KvCache open(KvCacheConfig config) {
    return new BlockCache(config);
  }

  private @Nullable SparseKv sparse(AttentionBackend backend) {
    Retrieval settings = config.retrieval();
    if (settings == null) {
      return null;
    }
    return SparseKvProvider.get()
        .open(
            new SparseKvContext(
                config.shape(),
                config.blockTokens(),
                (layer, kvHead) -> codecs.codec(codecs.indexOf(layer, kvHead)),
                backend,
                config.logitScale(),
                settings,
                config.seed()));
  }

  private int slots(KvCacheConfig of, int spares) {
    long frames = of.memoryBytes() / codecs.frameBytes();
    if (frames - spares < 1) {
      throw new IllegalArgumentException(
          "memory of %s holds %d blocks of %s, and %d are kept for the tiers; give at least %s"
              .formatted(
                  ByteSize.format((double) of.memoryBytes()),
                  frames,
                  ByteSize.format((double) codecs.frameBytes()),
                  spares,
                  ByteSize.format((spares + 1.0) * codecs.frameBytes())));
    }
    return Math.toIntExact(Math.min(Integer.MAX_VALUE - 64 - spares, frames - spares));
  }

  private static BlockManagerConfig managerConfig(KvCacheConfig config, int slots) {
    boolean demotes =
        config.tiers().stream().anyMatch(tier -> tier.when() == TierSpec.StoreWhen.EVICTED);
    return BlockManagerConfig.builder()
        .slots(slots)
        .blockTokens(config.blockTokens())
        .policy(config.policy())
        .watermark(config.watermark())
        .demotionUses(demotes ? 1 : 0)
        .whatIf(config.whatIf())
        .seed(config.seed())
        .medium("CPU")
        .build();
  }

  @Override
  public KvCacheConfig config() {
    return config;
  }

  BlockManager manager() {
    return manager;
  }

  FrameMemory memory() {
    return memory;
  }

  CodecTable codecs() {
    return codecs;
  }

  @Nullable SparseKv sparse() {
    return sparse;
  }

  TierStack tiers() {
    return tiers;
  }

  CacheCounters counters() {
    return counters;
  }

  WorkerPool workers() {
    return workers;
  }

  LeakTracker leaks() {
    return leaks;
  }

  KeyMemo memo() {
    return memo;
  }

  @Nullable StagedRows stagedRows() {
    return stagedRows;
  }

  boolean isClosed() {
    return closed;
  }

  boolean hasListeners() {
    return listeners.get() > 0;
  }

  /** What listeners want to know of a sequence. */
  static SequenceContent content(SequenceKeys keys, int blockTokens) {
    var extras = new ArrayList<ExtraKeys>();
    for (int block = 0; block < keys.tokenCount() / blockTokens; block++) {
      extras.add(keys.extraKeys(block));
    }
    return new SequenceContent(keys.tokens(), keys.options().loraName(), extras, 0);
  }

  @Override
  public KvSequence begin(int[] prompt, SequenceOptions options) {
    requireOpen();
    var event = new SequenceBeginEvent();
    event.begin();
    var sequence = new CachedSequence(this, keys(prompt, options));
    int inMemory = -1;
    try {
      inMemory = sequence.begin(options.promotion());
    } finally {
      if (inMemory < 0) {
        sequence.close();
      }
    }
    event.commit(prompt.length, inMemory, sequence.expected());
    return sequence;
  }

  private SequenceKeys keys(int[] prompt, SequenceOptions options) {
    KeySpace of = options.salt().isEmpty() ? space : space.withSalt(options.salt());
    var keys = new SequenceKeys(hasher, of, options, config.blockTokens());
    keys.begin(prompt, memo);
    return keys;
  }

  @Override
  public KvLease pin(int[] prefix, SequenceOptions options) {
    requireOpen();
    BlockTable table = manager.pin(keys(prefix, options).keys());
    return new Pin(table, config.blockTokens(), leaks);
  }

  private static final class Pin implements KvLease {
    private final BlockTable table;
    private final int matched;
    private final LeakTracker.Lease lease;
    private boolean closed;

    Pin(BlockTable table, int blockTokens, LeakTracker leaks) {
      this.table = table;
      matched = table.matched() * blockTokens;
      lease = leaks.opened(this, new AtomicInteger());
    }

    @Override
    public int matched() {
      return matched;
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        table.close();
        lease.close();
      }
    }
  }

  @Override
  public KvCacheStats stats() {
    requireOpen();
    return new KvCacheStats(
        manager.stats(),
        codecs.frameBytes(),
        memory.bytes(),
        stagedRows == null ? 0 : stagedRows.bytesInUse(),
        leaks.open(),
        leaks.leaked(),
        counters.queriedTokens(),
        counters.memoryHitTokens(),
        counters.promotedTokens(),
        counters.committedTokens(),
        sparse == null ? RetrievalStats.NONE : sparse.stats(),
        tiers.stats());
  }

  @Override
  public BlockManager.Registration listen(KvEventListener listener) {
    requireOpen();
    BlockManager.Registration registration = manager.listen(listener);
    listeners.incrementAndGet();
    var ended = new AtomicInteger();
    return () -> {
      registration.close();
      if (ended.getAndIncrement() == 0) {
        listeners.decrementAndGet();
      }
    };
  }

  @Override
  public void flush() {
    requireOpen();
    tiers.flush();
  }

  @Override
  public boolean clear() {
    requireOpen();
    if (leaks.open() > 0 || !manager.clear()) {
      return false;
    }
    memo.clear();
    return true;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    tiers.close();
    manager.close();
    if (sparse != null) {
      sparse.close();
    }
    try {
      memory.close();
    } catch (IllegalStateException e) {
      // A tier that does not end, or an engine's attend, still reads it.
      LOGGER.log(Level.WARNING, "block memory is in use and stays until the process ends", e);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the cache is closed");
    }
  }
}
