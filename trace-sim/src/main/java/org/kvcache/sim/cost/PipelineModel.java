package org.kvcache.sim.cost;

/**
 * Time of a denoising block, from the larger of computing and reading for each part of a pass, and
 * from how long each resource is busy with retrieval. Engine overheads beyond a fixed time for each
 * layer are not in it, so trust it to about 30 %, and to a factor of 1.8 for small mixtures of
 * experts at short contexts. Immutable.
 */
public final class PipelineModel {
  private static final double HOST_MEMORY_SHARE = 0.9;

  /** Share of the host's operations that the scan reaches. */
  private static final double SCAN_EFFICIENCY = 0.5;

  /** Choosing by a threshold on a histogram, all cores. */
  private static final double SECONDS_PER_SCORE = 1e-10;

  /** Of the host's reached bandwidth: rows of single tokens, and longer runs. */
  private static final double TOKEN_GATHER = 0.6;

  private static final double PAGE_GATHER = 0.9;

  /** A query to the host, and a launch. */
  private static final double HANDOVER_SECONDS = 3e-5;

  /** A larger batch must bring this much to be worth its latency. */
  private static final double WORTHWHILE = 1.002;

  private final ModelShape model;
  private final Hardware hardware;
  private final PassModel pass;

  /** The model of one model on one machine. */
  public PipelineModel(ModelShape model, Hardware hardware) {
    this.model = model;
    this.hardware = hardware;
    pass = new PassModel(model, hardware, 1);
  }

  /** Bytes of the GPU that are left for the cache; none if negative. */
  public double freeBytes() {
    return pass.freeBytes();
  }

  /** Bytes of the host that may hold caches. */
  public double hostBytes() {
    return hardware.host().memory() * HOST_MEMORY_SHARE;
  }

  /** Bytes of the whole cache of one sequence. */
  public double cacheBytes(Workload work) {
    return work.contextTokens() * model.kvBytesPerToken();
  }

  /** Bytes on the GPU of one sequence whose cache is on the host: two sets, and three blocks. */
  public double setBytes(Workload work, RetrievalPlan plan) {
    double tokens = 2 * plan.budget() * work.contextTokens() + 3.0 * work.blockTokens();
    return tokens * model.kvBytesPerToken();
  }

  /** Sequences whose whole cache fits on the GPU; 0 if none does. */
  public int denseRoom(Workload work) {
    return (int) Math.max(0, Math.floor(freeBytes() / cacheBytes(work)));
  }

  /** Sequences whose sets fit on the GPU and whose caches fit on the host; 0 if none does. */
  public int heraldRoom(Workload work, RetrievalPlan plan) {
    double gpu = Math.floor(freeBytes() / setBytes(work, plan));
    double host = Math.floor(hostBytes() / cacheBytes(work));
    return (int) Math.max(0, Math.min(gpu, host));
  }

  /**
   * One pass of the model.
   *
   * @param batch sequences
   * @param tokens tokens of each
   * @param readTokens tokens of each sequence's cache that are attended
   */
  public double passSeconds(int batch, int tokens, double readTokens) {
    double rows = (double) batch * tokens;
    return pass.seconds(rows, pass.attentionSeconds(batch * readTokens, rows * readTokens));
  }

  /** Blocks of a batch whose caches are on the GPU, fit or not. */
  public DenseEstimate dense(Workload work, int batch) {
    double block = work.passes() * passSeconds(batch, work.blockTokens(), work.contextTokens());
    return new DenseEstimate(batch, block, (double) batch * work.blockTokens() / block);
  }

  /** What choosing and moving the sets of a batch takes. */
  public RetrievalTime retrieval(Workload work, RetrievalPlan plan, int batch) {
    Hardware.Host host = hardware.host();
    double reached = host.bandwidth() * host.efficiency();
    double keys = work.contextTokens() * model.keysPerToken();
    double scan =
        Math.max(
            keys * plan.keyBits() / Byte.SIZE / reached,
            2 * keys * model.group() * plan.queries() / (host.flops() * SCAN_EFFICIENCY));
    double scores = (double) work.contextTokens() * model.kvHeads() * model.layers();
    double moved = plan.budget() * cacheBytes(work) * (1 - plan.reuse());
    double gather = 2 * moved / (reached * (plan.pageTokens() == 1 ? TOKEN_GATHER : PAGE_GATHER));
    double cpu = scan + scores * SECONDS_PER_SCORE + gather;
    double link = moved / hardware.link().reachedBandwidth();
    double handovers = model.layers() * (HANDOVER_SECONDS + hardware.gpu().layerSeconds());
    return new RetrievalTime(batch * cpu, batch * link, cpu + link + handovers, batch * moved);
  }

  /** Blocks of a batch whose caches are on the host, fit or not. */
  public HeraldEstimate herald(Workload work, RetrievalPlan plan, int batch) {
    double read = plan.budget() * work.contextTokens() + 2.0 * work.blockTokens();
    double step = passSeconds(batch, work.blockTokens(), read);
    double denoising = work.passes() * step;
    RetrievalTime retrieval = retrieval(work, plan, batch);
    double block;
    if (plan.lookAhead()) {
      // The draft is there after the first step, and its pass is batched with one of the others.
      double draft = passSeconds(batch, 2 * work.blockTokens(), read) - step;
      block = Math.max(denoising + draft, step + draft + retrieval.seconds());
    } else {
      block = denoising + retrieval.seconds();
    }
    Bound bound = retrieval.seconds() > denoising - step ? retrieval.longest() : Bound.GPU;
    double rate = (double) batch * work.blockTokens() / block;
    return new HeraldEstimate(batch, block, rate, denoising, retrieval, bound);
  }

  /**
   * The batch with the most tokens a second, the smaller one where a larger brings next to nothing.
   *
   * @param mostBatch the largest to try, at least 1
   */
  public HeraldEstimate bestHerald(Workload work, RetrievalPlan plan, int mostBatch) {
    HeraldEstimate best = herald(work, plan, 1);
    for (int batch = 2; batch <= mostBatch; batch++) {
      HeraldEstimate next = herald(work, plan, batch);
      if (next.tokensPerSecond() > best.tokensPerSecond() * WORTHWHILE) {
        best = next;
      }
    }
    return best;
  }
}
