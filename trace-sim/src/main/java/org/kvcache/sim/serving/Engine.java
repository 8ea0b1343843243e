package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKeys;
import org.kvcache.sim.cost.PassModel;
import org.kvcache.sim.cost.PipelineModel;
import org.kvcache.sim.trace.ChainKeys;
import org.kvcache.sim.trace.Trace;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

/** One run: the clock, and what it drives. Used once. */
final class Engine implements AutoCloseable {
  private final Trace trace;
  private final ServingConfig config;
  private final Load load;
  private final long seed;
  private final EventQueue events = new EventQueue();
  private final Outcomes outcomes;
  private final Windows windows;
  private final Rounds rounds;
  private final TokenGaps gaps;
  private final RunLog log;
  private final Arrivals arrivals;
  private final List<LowerTier> tiers = new ArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();
  private final Router router;
  private final ChainKeys chains;
  private final int[] chain;
  private final int[] nextChain;
  private final @Nullable Sequence[] open;
  private final int[] replicaOf;

  Engine(Trace trace, ServingConfig config, Load load, long seed) {
    this.trace = trace;
    this.config = config;
    this.load = load;
    this.seed = seed;
    int requests = trace.requests();
    outcomes = new Outcomes(requests);
    windows = Windows.over(requests);
    rounds = new Rounds(trace);
    gaps = new TokenGaps(windows, rounds);
    log = new RunLog(outcomes, gaps);
    arrivals = new Arrivals(trace, load, seed, events);
    chains = new ChainKeys(trace);
    chain = new int[trace.maxChain()];
    nextChain = new int[trace.maxChain()];
    open = new Sequence[requests];
    replicaOf = new int[requests];
    Reuse.check(config, load);
    PolicySpec policy = PolicyCatalog.named(Reuse.policyBelow(config.policy()));
    PassModel passes = config.passes();
    config.slots(trace.blockTokens());
    LowerTier shared = null;
    for (int i = 0; i < config.replicas(); i++) {
      var below = new ArrayList<LowerTier>();
      for (TierSize size : config.tiers()) {
        if (size.place() != TierSize.Place.REMOTE) {
          below.add(tier(size, policy));
        } else {
          shared = shared == null ? tier(size, policy) : shared;
          below.add(shared);
        }
      }
      replicas.add(replica(i, passes, policy, below));
    }
    router = new Router(trace, config.routing(), replicas);
  }

  private LowerTier tier(TierSize size, PolicySpec policy) {
    var tier = new LowerTier(size, config, trace.blockTokens(), policy, seed);
    tiers.add(tier);
    return tier;
  }

  private Replica replica(int index, PassModel passes, PolicySpec policy, List<LowerTier> below) {
    var link = new Channel();
    var memory =
        new KvMemory(config, trace.blockTokens(), policy, seed + index, below, link, outcomes);
    Decoder decoder =
        switch (config.decoding()) {
          case Decoding.TokenByToken _ -> new TokenDecoder();
          case Decoding.BlockDiffusion diffusion ->
              new BlockDecoder(diffusion.blockTokens(), diffusion.steps());
          case Decoding.Herald herald ->
              new HeraldDecoder(
                  herald,
                  new PipelineModel(config.model(), config.device()),
                  events,
                  new Channel(),
                  link);
        };
    double gpuTokens =
        decoder instanceof HeraldDecoder
            ? passes.freeBytes() / config.model().kvBytesPerToken()
            : Double.POSITIVE_INFINITY;
    return new Replica(
        index,
        config.batching(),
        memory,
        decoder,
        new Pass(passes),
        gpuTokens,
        line(memory),
        events,
        log,
        this::ended);
  }

  private WaitingLine line(KvMemory memory) {
    if (load instanceof Load.AtOnce(Order order) && order == Order.LONGEST_PREFIX) {
      var line = new LongestPrefixLine(trace);
      memory.listen(line);
      return line;
    }
    return new ArrivalLine();
  }

  ServingRun run() {
    arrivals.start();
    long count = 0;
    double end = 0;
    while (events.next()) {
      count++;
      int subject = events.subject();
      double now = events.now();
      switch (events.kind()) {
        case ARRIVAL -> arrive(subject, now);
        case BATCH -> replicas.forEach(replica -> replica.beginBatch(now));
        case PASS_END -> {
          replicas.get(subject).passEnded(now);
          end = now;
        }
        case RESTORED -> {
          Sequence sequence = open[subject];
          if (sequence != null) {
            replicas.get(replicaOf[subject]).restored(sequence, now);
          }
        }
        case SELECTED -> replicas.get(replicaOf[subject]).wake(now);
      }
    }
    replicas.forEach(Replica::requireIdle);
    return new ServingRun(config, load, seed, outcomes, gaps, windows, rounds, totals(end, count));
  }

  private void ended(Sequence sequence, double now) {
    open[sequence.request] = null;
    sequence.table.close();
    arrivals.ended(sequence.request, now);
  }

  /** A prompt has a token at least, and an answer too: the first follows from the prompt alone. */
  private void arrive(int request, double now) {
    Replica replica = router.choose(request);
    var keys = new BlockKeys(trace.chainLength(request) + 1);
    int input = Math.max(1, trace.inputTokens(request));
    int wanted = Math.max(1, trace.outputTokens(request));
    keys(request, input, wanted, keys);
    var sequence = new Sequence(request, input, wanted, replica.memory().newTable(), keys);
    log.arrived(sequence, now);
    open[request] = sequence;
    replicaOf[request] = replica.index();
    if (!replica.takes(sequence)) {
      ended(sequence, now);
    } else if (load instanceof Load.AtOnce) {
      replica.line(sequence);
    } else {
      replica.arrive(sequence, now);
    }
  }

  /**
   * The keys of the full blocks of prompt and answer. Those that the answer fills are known where
   * the session's next prompt goes on with them.
   */
  private void keys(int request, int input, int wanted, BlockKeys keys) {
    int blockTokens = trace.blockTokens();
    int full = Math.min(trace.chainLength(request), input / blockTokens);
    int next = arrivals.next(request);
    if (next >= 0 && full > 0 && trace.chainLength(next) > full) {
      trace.chain(request, chain);
      trace.chain(next, nextChain);
      if (chain[full - 1] == nextChain[full - 1]) {
        chains.fill(next, keys);
        int promptOfNext = Math.min(keys.size(), trace.inputTokens(next) / blockTokens);
        keys.truncate((int) Math.min(promptOfNext, ((long) input + wanted) / blockTokens));
        return;
      }
    }
    chains.fill(request, keys);
    keys.truncate(full);
  }

  private ServingRun.Totals totals(double end, long count) {
    int blockTokens = trace.blockTokens();
    double restored = 0;
    double selected = 0;
    double mean = 0;
    double most = 0;
    for (Replica replica : replicas) {
      restored += replica.memory().restoredBytes();
      selected += replica.decoder() instanceof HeraldDecoder herald ? herald.movedBytes() : 0;
      mean += replica.occupancy().mean(end) / replicas.size();
      most = Math.max(most, replica.occupancy().max());
    }
    double kept = 0;
    for (LowerTier tier : tiers) {
      kept += tier.writtenBlocks() * config.blockBytes(blockTokens);
    }
    long preemptions = 0;
    int refused = 0;
    double begin = Double.POSITIVE_INFINITY;
    for (int request = 0; request < outcomes.requests(); request++) {
      preemptions += outcomes.preemptions[request];
      refused += outcomes.refused(request) ? 1 : 0;
      begin = Math.min(begin, outcomes.arrival[request]);
    }
    return new ServingRun.Totals(
        Math.max(0, end - begin),
        count,
        replicas.getFirst().memory().slots(),
        log.passes(),
        log.busySeconds(),
        log.operations(),
        log.memoryBytes(),
        restored,
        selected,
        log.swappedBytes(),
        kept,
        preemptions,
        refused,
        mean,
        most);
  }

  @Override
  public void close() {
    replicas.forEach(replica -> replica.memory().close());
    tiers.forEach(LowerTier::close);
  }
}
