package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says which pages of the context matter to given queries: {@link #score} keeps logits, {@link
 * #mass} makes softmax mass of them, {@link #topK} picks. Belongs to one thread and one stream at a
 * time. A call allocates nothing once the largest shape was seen.
 */
public final class DeviceScorer implements AutoCloseable {

  private static final int MASS_THREADS = 128;

  private final DeviceKv kv;
  private final Device device;
  private final DeviceKernel score;
  private final DeviceKernel mass;
  private final DeviceKernel topK;
  private final MemorySegment scoreArguments = Abi.newArguments(Abi.Score.LAYOUT);
  private final MemorySegment massArguments = Abi.newArguments(Abi.Mass.LAYOUT);
  private final MemorySegment topKArguments = Abi.newArguments(Abi.TopK.LAYOUT);
  private @Nullable DeviceMemory logits;
  private @Nullable DeviceMemory stats;
  private @Nullable PageTable scored;
  private int rows;
  private long logitStride;
  private int splits;

  /** For the blocks of {@code kv}, which must stay open. */
  public DeviceScorer(DeviceKv kv) {
    this.kv = kv;
    device = kv.device();
    KernelScheme scheme = kv.scheme();
    score = device.kernel("kvcache_score_" + scheme.keys() + "_" + scheme.headDim());
    mass = device.kernel("kvcache_mass");
    topK = device.kernel("kvcache_topk");
    Abi.set(scoreArguments, Abi.Score.KV_HEADS, kv.shape().kvHeads());
    Abi.set(scoreArguments, Abi.Score.GROUP, kv.shape().groupSize());
    Abi.set(scoreArguments, Abi.Score.ROTATE, scheme.rotate() ? 1 : 0);
    Abi.set(massArguments, Abi.Mass.KV_HEADS, kv.shape().kvHeads());
  }

  /**
   * Keeps the logits of all tokens of the context, up to one constant for each query row.
   *
   * @throws IllegalArgumentException if an array is too short for the shape, of another device or
   *     of the wrong elements, or the context is empty
   * @throws IllegalStateException if memory was given back
   */
  public void score(
      int layer, QueryRows queries, PageTable context, float logitScale, DeviceStream stream) {
    int kvHeads = kv.shape().kvHeads();
    int sequences = context.sequences();
    if (context.mostTokens() < 1) {
      throw new IllegalArgumentException("no tokens to score; at least 1 is needed");
    }
    long elements = (long) sequences * queries.tokens() * kv.shape().queryDim();
    MemorySegment arguments = scoreArguments;
    Abi.set(arguments, Abi.Score.Q, queries.array().rows(device, "queries", elements));
    Abi.set(
        arguments,
        Abi.Score.TABLE,
        context.slotsAddress(device, kvHeads, kv.layout().blockTokens()));
    Abi.set(arguments, Abi.Score.LENGTHS, context.lengthsAddress(device, kvHeads));
    kv.writeTo(arguments, layer);
    scored = null;
    rows = queries.tokens() * kv.shape().groupSize();
    int rowTiles = Math.ceilDiv(rows, score.info().rows());
    long heads = (long) sequences * kvHeads;
    splits = Splits.of(heads * rowTiles, context.mostTokens(), device.multiprocessors());
    logitStride = (context.mostTokens() + 15L) & -16L;
    logits = grown(logits, heads * rows * logitStride * Float.BYTES, stream);
    stats = grown(stats, heads * splits * rows * 2 * Float.BYTES, stream);
    Abi.set(arguments, Abi.Score.LOGITS, logits.address());
    Abi.set(arguments, Abi.Score.STATS, stats.address());
    Abi.set(arguments, Abi.Score.LOGIT_STRIDE, logitStride);
    Abi.set(arguments, Abi.Score.QUERY_FACTOR, kv.basis().queryFactor(layer));
    Abi.set(arguments, Abi.Score.TABLE_STRIDE, context.slotStride());
    Abi.set(arguments, Abi.Score.TABLE_HEAD_STRIDE, context.slotHeadStride());
    Abi.set(arguments, Abi.Score.LENGTH_STRIDE, context.lengthStride());
    Abi.set(arguments, Abi.Score.LENGTH_HEAD_STRIDE, context.lengthHeadStride());
    Abi.set(arguments, Abi.Score.QUERY_TOKENS, queries.tokens());
    Abi.set(arguments, Abi.Score.QUERIES, queries.array().element().code());
    Abi.set(arguments, Abi.Score.LOGIT_SCALE, logitScale);
    device.launch(score, splits, rowTiles, heads, arguments, stream);
    scored = context;
  }

  private DeviceMemory grown(@Nullable DeviceMemory memory, long bytes, DeviceStream stream) {
    if (memory != null && memory.bytes() >= bytes) {
      return memory;
    }
    if (memory != null) {
      stream.synchronize(); // a launch may still use it
      memory.close();
    }
    return device.allocate(bytes);
  }

  /**
   * The logits of the last {@link #score}: F32, {@code [sequences][kvHeads][tokens · group]
   * [logitStride]}, with nothing defined beyond a length.
   *
   * @throws IllegalStateException before the first score
   */
  public DeviceArray logits() {
    lastScored();
    return DeviceArray.of(Objects.requireNonNull(logits), Element.F32);
  }

  /** Elements from a row of {@link #logits} to the next. */
  public long logitStride() {
    return logitStride;
  }

  /**
   * The share of softmax that falls on each page, averaged over the query rows of the last {@link
   * #score}.
   *
   * @param pageTokens tokens of a page; 1 goes token by token
   * @param pages entries to write for each sequence and KV head; 0 beyond the length
   * @param to F32, {@code [sequences][kvHeads][stride]}
   * @throws IllegalStateException before the first score
   */
  public void mass(int pageTokens, int pages, DeviceArray to, long stride, DeviceStream stream) {
    PageTable context = lastScored();
    if (pageTokens < 1 || pages < 1 || stride < pages) {
      throw new IllegalArgumentException(
          "%d pages of %d tokens, %d from a list to the next; at least 1, 1 and as many are needed"
              .formatted(pages, pageTokens, stride));
    }
    int kvHeads = kv.shape().kvHeads();
    long heads = (long) context.sequences() * kvHeads;
    MemorySegment arguments = massArguments;
    Abi.set(
        arguments,
        Abi.Mass.MASS,
        to.address(device, "mass", Element.F32, (heads - 1) * stride + pages));
    Abi.set(arguments, Abi.Mass.LOGITS, Objects.requireNonNull(logits).address());
    Abi.set(arguments, Abi.Mass.STATS, Objects.requireNonNull(stats).address());
    Abi.set(arguments, Abi.Mass.LENGTHS, context.lengthsAddress(device, kvHeads));
    Abi.set(arguments, Abi.Mass.LOGIT_STRIDE, logitStride);
    Abi.set(arguments, Abi.Mass.MASS_STRIDE, stride);
    Abi.set(arguments, Abi.Mass.LENGTH_STRIDE, context.lengthStride());
    Abi.set(arguments, Abi.Mass.LENGTH_HEAD_STRIDE, context.lengthHeadStride());
    Abi.set(arguments, Abi.Mass.ROWS, rows);
    Abi.set(arguments, Abi.Mass.SPLITS, splits);
    Abi.set(arguments, Abi.Mass.PAGE_TOKENS, pageTokens);
    Abi.set(arguments, Abi.Mass.PAGES, pages);
    device.launch(mass, Math.ceilDiv(pages, MASS_THREADS), heads, 1, arguments, stream);
  }

  private PageTable lastScored() {
    if (scored == null) {
      throw new IllegalStateException("nothing has been scored; call score first");
    }
    return scored;
  }

  /**
   * The indices of the {@code k} greatest values of each list, ascending; of equal values the lower
   * index. -1 beyond what there is.
   *
   * @param values F32, {@code [lists][stride]}, none below 0 and no NaN
   * @param counts I32, the values of each list, or null if all have {@code count}
   * @param count values of a list, at most
   * @param k at most {@code count}
   * @param indices I32, {@code [lists][k]}
   */
  public void topK(
      DeviceArray values,
      int lists,
      long stride,
      @Nullable DeviceArray counts,
      int count,
      int k,
      DeviceArray indices,
      DeviceStream stream) {
    if (lists < 1 || count < 1 || k < 1 || stride < count) {
      throw new IllegalArgumentException(
          "the %d greatest of %d values in %d lists, %d from a list to the next;"
                  .formatted(k, count, lists, stride)
              + " at least 1 each and no overlap are needed");
    }
    if (k > count) {
      throw new IllegalArgumentException(
          "the %d greatest of %d values; take %d at most".formatted(k, count, count));
    }
    MemorySegment arguments = topKArguments;
    long elements = (lists - 1) * stride + count;
    Abi.set(arguments, Abi.TopK.VALUES, values.address(device, "values", Element.F32, elements));
    Abi.set(
        arguments,
        Abi.TopK.COUNTS,
        counts == null ? 0L : counts.address(device, "counts", Element.I32, lists));
    Abi.set(
        arguments,
        Abi.TopK.INDICES,
        indices.address(device, "indices", Element.I32, (long) lists * k));
    Abi.set(arguments, Abi.TopK.STRIDE, stride);
    Abi.set(arguments, Abi.TopK.COUNT, count);
    Abi.set(arguments, Abi.TopK.K, k);
    device.launch(topK, lists, 1, 1, arguments, stream);
  }

  /** Gives the buffers back, not the blocks. */
  @Override
  public void close() {
    if (logits != null) {
      logits.close();
    }
    if (stats != null) {
      stats.close();
    }
  }
}
