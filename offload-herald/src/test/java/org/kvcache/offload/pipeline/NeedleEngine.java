package org.kvcache.offload.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.LookAhead;

/**
 * An engine whose queries look for single tokens: almost all of the attention of a query falls on
 * one needle far back in the prefix, so that attention to the right pages is attention to all, and
 * a page that is missing, stale or torn shows. Rows are functions of seed, position, layer and
 * head.
 */
final class NeedleEngine {

  static final KvShape SHAPE = KvShape.of(3, 2, 64, 4);
  static final int BLOCK = 16;
  private static final int NEEDLES = 2;
  private static final float SHARP = 3;

  private final long seed;
  private final int tokens;
  private final double tolerance;
  private final Random random;

  /** An engine whose blocks have so many tokens, and whose answers may be off by so much. */
  NeedleEngine(long seed, int tokens, double tolerance) {
    this.seed = seed;
    this.tokens = tokens;
    this.tolerance = tolerance;
    random = new Random(seed);
  }

  private static long mix(long x) {
    long h = (x ^ (x >>> 32)) * 0xBF58476D1CE4E5B9L;
    h = (h ^ (h >>> 29)) * 0x94D049BB133111EBL;
    return h ^ (h >>> 32);
  }

  /** Numbers like Gaussian ones. */
  private void row(long of, float[] into, int at, int count, float factor) {
    for (int i = 0; i < count; i++) {
      long bits = mix(mix(seed * 31 + of) + i);
      float sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF);
      into[at + i] = factor * 2 * (sum / 65536f - 1.5f);
    }
  }

  private void key(int position, int layer, int head, float[] into, int at, float factor) {
    row((position * 64L + layer) * 8 + head, into, at, SHAPE.headDim(), factor);
  }

  private void value(int position, int layer, int head, float[] into, int at) {
    row(~((position * 64L + layer) * 8 + head), into, at, SHAPE.headDim(), 1);
  }

  private void rows(int position, int count, int layer, float[] k, float[] v) {
    for (int i = 0; i < count; i++) {
      for (int head = 0; head < SHAPE.kvHeads(); head++) {
        int at = i * SHAPE.kvDim() + head * SHAPE.headDim();
        key(position + i, layer, head, k, at, 1);
        value(position + i, layer, head, v, at);
      }
    }
  }

  /** What a token of the block at {@code start} looks for. */
  private int needle(int start, int token, int layer, int head) {
    int which = token % NEEDLES;
    long bits = mix(seed + start * 1000L + layer * 100L + head * 10L + which);
    int reach = Math.max(1, start / BLOCK * BLOCK - 2 * BLOCK);
    // Some needles stay from block to block, as they do in text.
    long stable = mix(seed + layer * 100L + head * 10L + which);
    return (int) Math.floorMod(which == 0 ? stable : bits, (long) reach);
  }

  private void queries(int start, int layer, float[] q, int at) {
    for (int token = 0; token < tokens; token++) {
      for (int g = 0; g < SHAPE.queryHeads(); g++) {
        int head = g / SHAPE.groupSize();
        int to = at + token * SHAPE.queryDim() + g * SHAPE.headDim();
        key(needle(start, token, layer, head), layer, head, q, to, SHARP);
      }
    }
  }

  static int[] prompt(int length) {
    int[] prompt = new int[length];
    for (int i = 0; i < length; i++) {
      prompt[i] = i % 251;
    }
    return prompt;
  }

  KvSequence begin(KvCache cache, int length) {
    int[] prompt = prompt(length);
    KvSequence sequence = cache.begin(prompt);
    fill(sequence, prompt);
    return sequence;
  }

  /** Appends and commits what the sequence lacks of these tokens. */
  void fill(KvSequence sequence, int[] prompt) {
    int from = sequence.length();
    int length = prompt.length;
    float[] k = new float[(length - from) * SHAPE.kvDim()];
    float[] v = new float[k.length];
    for (int layer = 0; layer < SHAPE.layers(); layer++) {
      rows(from, length - from, layer, k, v);
      sequence.append(layer, from, length - from, k, 0, v, 0);
    }
    sequence.commit(prompt, from, length - from);
  }

  /** Attends in a layer and holds the answer against attention to everything. */
  void attend(DenoisingBlock block, int layer, boolean written) {
    float[] k = new float[tokens * SHAPE.kvDim()];
    float[] v = new float[k.length];
    if (!written) {
      rows(block.start(), tokens, layer, k, v);
      block.write(layer, k, 0, v, 0);
    }
    float[] q = new float[tokens * SHAPE.queryDim()];
    float[] out = new float[q.length];
    queries(block.start(), layer, q, 0);
    block.attend(layer, q, 0, out, 0);
    check(block.start(), layer, out, 0, "block");
  }

  private void check(int start, int layer, float[] out, int at, String what) {
    float[] value = new float[SHAPE.headDim()];
    for (int token = 0; token < tokens; token++) {
      for (int g = 0; g < SHAPE.queryHeads(); g++) {
        int head = g / SHAPE.groupSize();
        int needle = needle(start, token, layer, head);
        value(needle, layer, head, value, 0);
        for (int d = 0; d < value.length; d++) {
          int i = at + token * SHAPE.queryDim() + g * SHAPE.headDim() + d;
          if (!(Math.abs(out[i] - value[d]) < tolerance)) {
            assertThat(out[i])
                .as(
                    "%s at %d, token %d, layer %d, head %d, needle %d, element %d",
                    what, start, token, layer, head, needle, d)
                .isEqualTo(value[d]);
          }
        }
      }
    }
  }

  /** One block with a few denoising steps; returns whether it was committed. */
  boolean block(KvSequence sequence, int steps, double cancels) {
    DenoisingBlock block = sequence.beginBlock(tokens);
    Thread other = null;
    var failure = new Throwable[1];
    try {
      for (int step = 0; step < steps; step++) {
        for (int layer = 0; layer < SHAPE.layers(); layer++) {
          attend(block, layer, false);
        }
        if (step == 0) {
          LookAhead ahead = block.lookAhead();
          if (ahead != null) {
            int start = block.start();
            other =
                Thread.ofPlatform()
                    .start(() -> {
                      try (ahead) {
                        ahead(ahead, start);
                      } catch (Throwable e) {
                        failure[0] = e;
                      }
                    });
          }
        }
      }
      if (random.nextDouble() < cancels) {
        block.close();
        return false;
      }
      int[] committed = new int[tokens];
      Arrays.setAll(committed, i -> (block.start() + i) % 251);
      block.commit(committed, 0);
      return true;
    } finally {
      block.close();
      join(other);
      assertThat(failure[0]).isNull();
    }
  }

  /** Begins the look-ahead of a block in a thread of its own. */
  Thread lookAhead(DenoisingBlock block) {
    LookAhead ahead = block.lookAhead();
    int start = block.start();
    return Thread.ofPlatform()
        .start(() -> {
          try (ahead) {
            ahead(ahead, start);
          }
        });
  }

  private static void join(Thread thread) {
    try {
      if (thread != null) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void ahead(LookAhead ahead, int start) {
    float[] k = new float[2 * tokens * SHAPE.kvDim()];
    float[] v = new float[k.length];
    float[] q = new float[2 * tokens * SHAPE.queryDim()];
    float[] out = new float[q.length];
    for (int layer = 0; layer < SHAPE.layers(); layer++) {
      rows(start, 2 * tokens, layer, k, v);
      if (!ahead.write(layer, k, 0, v, 0)) {
        return;
      }
      queries(start, layer, q, 0);
      queries(start + tokens, layer, q, q.length / 2);
      if (!ahead.attend(layer, q, 0, out, 0)) {
        return;
      }
      check(start, layer, out, 0, "draft");
      check(start + tokens, layer, out, out.length / 2, "block ahead");
    }
  }
}
