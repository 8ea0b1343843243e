package org.kvcache.bench.herald;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.LookAhead;

/**
 * The calls that an engine makes on a cache while it denoises blocks, with random keys, values and
 * queries in the place of a model. What the rest of a pass takes on a device is waited for.
 */
final class BlockLoop implements AutoCloseable {

  private static final int CHUNK = 256;

  /** Share of a query that stays from block to block, so that its choices do too. */
  private static final float STABLE = 0.8f;

  private final KvShape shape;
  private final int tokens;
  private final int steps;
  private final long stepNanos;
  private final boolean attendsEachStep;
  private final Random random = new Random(5);
  private final ExecutorService second =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("kvcache-look-ahead").factory());
  private final float[] k;
  private final float[] v;
  private final float[] stable;
  private final float[] q;
  private final float[] out;
  private final float[] aheadQ;
  private final float[] aheadOut;

  /** Wall time of a block, and of the retrieval within it. */
  record Times(long blockNanos, long retrievalNanos) {}

  /**
   * A loop.
   *
   * @param tokens of a block
   * @param steps denoising passes; one more commits
   * @param stepNanos to wait in each pass
   * @param attendsEachStep whether each pass attends in every layer, or only the first, which
   *     chooses, since the device's time is waited for
   */
  BlockLoop(KvShape shape, int tokens, int steps, long stepNanos, boolean attendsEachStep) {
    this.shape = shape;
    this.tokens = tokens;
    this.steps = steps;
    this.stepNanos = stepNanos;
    this.attendsEachStep = attendsEachStep;
    int rows = Math.max(CHUNK, 2 * tokens);
    k = gaussian(rows * shape.kvDim());
    v = gaussian(rows * shape.kvDim());
    stable = gaussian(shape.layers() * shape.queryDim());
    q = new float[tokens * shape.queryDim()];
    out = new float[q.length];
    aheadQ = new float[2 * q.length];
    aheadOut = new float[2 * q.length];
  }

  private float[] gaussian(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /** A sequence of so many tokens. */
  KvSequence begin(KvCache cache, int length) {
    int[] prompt = new int[length];
    Arrays.setAll(prompt, i -> i);
    KvSequence sequence = cache.begin(prompt);
    for (int at = 0; at < length; at += CHUNK) {
      int count = Math.min(CHUNK, length - at);
      for (int layer = 0; layer < shape.layers(); layer++) {
        sequence.append(layer, at, count, k, 0, v, 0);
      }
      sequence.commit(prompt, at, count);
    }
    return sequence;
  }

  /** One block, from its beginning to its commit, and until what it chose ahead is there. */
  Times block(KvSequence sequence) {
    long began = System.nanoTime();
    CompletableFuture<Long> retrieval = CompletableFuture.completedFuture(0L);
    try (DenoisingBlock block = sequence.beginBlock(tokens)) {
      for (int step = 0; step <= steps; step++) {
        if (step == 0 || attendsEachStep) {
          pass(block);
        }
        sleep(stepNanos);
        if (step == 0) {
          LookAhead ahead = block.lookAhead();
          if (ahead != null) {
            int next = block.start() + tokens;
            retrieval = CompletableFuture.supplyAsync(() -> lookAhead(ahead, next), second);
          }
        }
      }
      block.commit(new int[tokens], 0);
    }
    long retrievalNanos = retrieval.join();
    return new Times(System.nanoTime() - began, retrievalNanos);
  }

  private void pass(DenoisingBlock block) {
    for (int layer = 0; layer < shape.layers(); layer++) {
      block.write(layer, k, 0, v, 0);
      queries(block.start(), layer, q);
      block.attend(layer, q, 0, out, 0);
    }
  }

  private long lookAhead(LookAhead ahead, int next) {
    long began = System.nanoTime();
    try (ahead) {
      for (int layer = 0; layer < shape.layers(); layer++) {
        queries(next, layer, aheadQ);
        if (!ahead.write(layer, k, 0, v, 0) || !ahead.attend(layer, aheadQ, 0, aheadOut, 0)) {
          break;
        }
      }
    }
    return System.nanoTime() - began;
  }

  /** Rows that all look in about the same direction, which turns a little with the block. */
  private void queries(int start, int layer, float[] into) {
    int dim = shape.queryDim();
    for (int row = 0; row < into.length / dim; row++) {
      int noise = (start * 31 + layer * 7 + row % tokens * 3) % (k.length - dim);
      for (int i = 0; i < dim; i++) {
        into[row * dim + i] = STABLE * stable[layer * dim + i] + (1 - STABLE) * k[noise + i];
      }
    }
  }

  private static void sleep(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** Denoising time of a block, all of it waited for. */
  long denoisingNanos() {
    return (steps + 1) * stepNanos;
  }

  /** The part of it that a look-ahead cannot use: it begins after the first step. */
  long firstStepNanos() {
    return stepNanos;
  }

  @Override
  public void close() {
    second.shutdown();
  }

  /** The median. */
  static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
