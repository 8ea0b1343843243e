package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;

/**
 * K and V as a model would compute them: a function of all tokens up to their own, the tenant, the
 * layer and the place in the row. So a block of another prefix, tenant, layer or row is seen.
 */
final class Rows {

  final KvShape shape;

  Rows(KvShape shape) {
    this.shape = shape;
  }

  private static long mix(long x) {
    long h = (x ^ (x >>> 31)) * 0x9E3779B97F4A7C15L;
    return h ^ (h >>> 29);
  }

  private long prefix(int[] tokens, int position, String salt) {
    long hash = mix(salt.hashCode() + 17L);
    for (int i = 0; i <= position; i++) {
      hash = mix(hash * 31 + tokens[i] + 1);
    }
    return hash;
  }

  private float[] row(long prefix, int layer, boolean key) {
    float[] row = new float[shape.kvDim()];
    for (int i = 0; i < row.length; i++) {
      row[i] = (mix(prefix + layer * 1031L + (key ? 7 : 0) + i * 131L) >>> 44) / 1048576f - 0.5f;
    }
    return row;
  }

  float[] key(int[] tokens, int position, String salt, int layer) {
    return row(prefix(tokens, position, salt), layer, true);
  }

  float[] value(int[] tokens, int position, String salt, int layer) {
    return row(prefix(tokens, position, salt), layer, false);
  }

  /** Computes and appends the tokens {@code [from, to)}. */
  void append(KvSequence sequence, int[] tokens, int from, int to, String salt) {
    for (int position = from; position < to; position++) {
      long prefix = prefix(tokens, position, salt);
      for (int layer = 0; layer < shape.layers(); layer++) {
        sequence.append(layer, position, row(prefix, layer, true), 0, row(prefix, layer, false), 0);
      }
    }
  }

  /** Writes the block's tokens in all layers, as computed from these tokens. */
  void write(DenoisingBlock block, int[] tokens, String salt) {
    int dim = shape.kvDim();
    float[] k = new float[block.tokens() * dim];
    float[] v = new float[block.tokens() * dim];
    for (int layer = 0; layer < shape.layers(); layer++) {
      for (int i = 0; i < block.tokens(); i++) {
        long prefix = prefix(tokens, block.start() + i, salt);
        System.arraycopy(row(prefix, layer, true), 0, k, i * dim, dim);
        System.arraycopy(row(prefix, layer, false), 0, v, i * dim, dim);
      }
      block.write(layer, k, 0, v, 0);
    }
  }

  /** What an engine does with a prompt. */
  void prefill(KvSequence sequence, int[] tokens, String salt) {
    int from = sequence.length();
    append(sequence, tokens, from, tokens.length, salt);
    sequence.commit(tokens, from, tokens.length - from);
  }

  /** Every committed row is the one of its tokens. */
  void check(KvSequence sequence, int[] tokens, String salt) {
    int length = sequence.length();
    assertThat(length).isLessThanOrEqualTo(tokens.length);
    if (length == 0) {
      return;
    }
    int dim = shape.kvDim();
    float[] keys = new float[length * dim];
    float[] values = new float[length * dim];
    for (int layer = 0; layer < shape.layers(); layer++) {
      sequence.readKeys(layer, 0, length, keys, 0);
      sequence.readValues(layer, 0, length, values, 0);
      long prefix = mix(salt.hashCode() + 17L);
      for (int position = 0; position < length; position++) {
        prefix = mix(prefix * 31 + tokens[position] + 1);
        checkRow(keys, position, row(prefix, layer, true), layer, "K");
        checkRow(values, position, row(prefix, layer, false), layer, "V");
      }
    }
  }

  private static void checkRow(float[] rows, int position, float[] right, int layer, String what) {
    int dim = right.length;
    if (!Arrays.equals(rows, position * dim, (position + 1) * dim, right, 0, dim)) {
      float[] wrong = Arrays.copyOfRange(rows, position * dim, (position + 1) * dim);
      assertThat(wrong).as(what + " of position " + position + ", layer " + layer).isEqualTo(right);
    }
  }
}
