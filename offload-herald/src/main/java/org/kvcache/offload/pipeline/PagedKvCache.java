package org.kvcache.offload.pipeline;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.kvcache.KvShape;
import org.kvcache.Retrieval;
import org.kvcache.RetrievalStats;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageDevice;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PagePoolContext;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.PrefixKv;
import org.kvcache.spi.SelectorContext;
import org.kvcache.spi.SparseKv;
import org.kvcache.spi.SparseKvContext;
import org.kvcache.spi.SparseSequence;

/** {@link SparseKv}: a device's pool of slots, the threads that choose, and who chooses how. */
final class PagedKvCache implements SparseKv {

  private static final Logger LOGGER = System.getLogger(PagedKvCache.class.getName());

  private final SparseKvContext context;
  private final Retrieval settings;
  private final BlockRetriever retriever;
  private final @Nullable BlockRetriever exact;
  private final PolicySpec policy;
  private final PageGather gather;
  private final PagePool pool;
  private final SlotAccount account;
  private final HeadTeam team;
  private final FreshKv nothing;
  private final RetrievalCounters counters = new RetrievalCounters();
  private final AtomicBoolean warned = new AtomicBoolean();

  PagedKvCache(SparseKvContext context) {
    this.context = context;
    settings = context.settings();
    KvShape shape = context.shape();
    if (settings.denseLayers() > shape.layers()) {
      throw new IllegalArgumentException(
          "%d dense layers; the model has %d".formatted(settings.denseLayers(), shape.layers()));
    }
    retriever = BlockRetriever.named(settings.retriever());
    exact = settings.recallEvery() > 0 ? BlockRetriever.named("exact") : null;
    policy = PolicyCatalog.named(settings.policy());
    gather = new PageGather(context);
    nothing = new FreshKv(shape, context.blockTokens(), 0, 1);
    var _ = selectors(retriever, 0, settings); // refuses what it cannot take now, not later
    pool = openPool();
    account = new SlotAccount(pool.slots());
    team = new HeadTeam(settings.threads() > 0 ? settings.threads() : spareProcessors());
  }

  /** All but the caller's and the one of the engine's thread, which must not be kept waiting. */
  private static int spareProcessors() {
    return Math.max(0, Runtime.getRuntime().availableProcessors() - 2);
  }

  private PagePool openPool() {
    String device = settings.device();
    int colon = device.indexOf(':');
    String name = colon < 0 ? device : device.substring(0, colon);
    String options = colon < 0 ? "" : device.substring(colon + 1);
    Map<BlockCodec, BlockCodec> pages = new ConcurrentHashMap<>();
    boolean whole = gather.pageTokens() == context.blockTokens();
    return PageDevice.named(name)
        .open(
            new PagePoolContext(
                context.shape(),
                (layer, head) -> {
                  BlockCodec codec = context.codecs().of(layer, head);
                  return whole
                      ? codec
                      : pages.computeIfAbsent(
                          codec, of -> PageGather.codecOfPages(of, gather.pageTokens()));
                },
                gather.pageTokens(),
                context.backend(),
                context.logitScale(),
                settings.deviceBytes(),
                options));
  }

  @Override
  public SparseSequence begin(PrefixKv prefix) {
    return new PagedSequence(this, prefix);
  }

  LayerPages newLayer(int layer, PrefixKv prefix) {
    int kvHeads = context.shape().kvHeads();
    var heads = new HeadPages[kvHeads];
    var views = new PrefixView[kvHeads];
    for (int head = 0; head < kvHeads; head++) {
      heads[head] = new HeadPages(policy, context.seed() + (long) layer * kvHeads + head);
      views[head] = new PrefixView(prefix, context.blockTokens(), nothing);
    }
    return new LayerPages(
        layer,
        heads,
        selectors(retriever, layer, settings),
        exact == null ? null : selectors(exact, layer, settings.withScoredKeys("")),
        views);
  }

  private PageSelector[] selectors(BlockRetriever of, int layer, Retrieval with) {
    var selectors = new PageSelector[context.shape().kvHeads()];
    Arrays.setAll(
        selectors,
        head ->
            of.selector(
                new SelectorContext(
                    context.codecs().of(layer, head),
                    context.backend(),
                    context.blockTokens(),
                    gather.pageTokens(),
                    context.shape().groupSize(),
                    context.logitScale(),
                    with)));
    return selectors;
  }

  SparseKvContext context() {
    return context;
  }

  PagePool pool() {
    return pool;
  }

  SlotAccount account() {
    return account;
  }

  HeadTeam team() {
    return team;
  }

  PageGather gather() {
    return gather;
  }

  /** No rows. */
  FreshKv nothing() {
    return nothing;
  }

  RetrievalCounters counters() {
    return counters;
  }

  /** Pages of a block of the cache. */
  int pagesPerBlock() {
    return context.blockTokens() / gather.pageTokens();
  }

  boolean choosesEveryStep() {
    return retriever.everyStep();
  }

  boolean looksAhead() {
    return settings.lookAhead() && !retriever.everyStep();
  }

  void countHost(int layer, boolean host) {
    if (host) {
      (layer < settings.denseLayers() ? counters.wholeLayers : counters.hostLayers).increment();
    }
  }

  /** A transfer failed with this; logged once. Always false. */
  boolean transferFailed(RuntimeException e) {
    if (!warned.getAndSet(true)) {
      LOGGER.log(
          Level.WARNING,
          "a transfer to device '"
              + settings.device()
              + "' failed; it is made again, then host memory is read",
          e);
    }
    return false;
  }

  @Override
  public RetrievalStats stats() {
    return counters.stats();
  }

  @Override
  public void close() {
    team.close();
    pool.close();
  }
}
