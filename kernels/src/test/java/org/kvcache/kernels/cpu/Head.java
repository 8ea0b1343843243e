package org.kvcache.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.kvcache.AttentionWindow;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.PagedKv;

/** K and V of one KV head in shuffled blocks, some of the last tokens staged, the rest poisoned. */
public final class Head implements PagedKv {

  public final BlockCodec codec;
  final int dim;
  public final int blockTokens;
  public final int length;
  private final int encoded;
  private final int[] place;
  private final MemorySegment memory;
  private final MemorySegment[] staged;

  // What attention is to see: rows as they come back from the codec.
  public final float[] keys;
  public final float[] values;

  public Head(String scheme, int dim, int blockTokens, int length, int stagedTokens, long seed) {
    this.dim = dim;
    this.blockTokens = blockTokens;
    this.length = length;
    var random = new Random(seed);
    boolean calibrated = CodecCatalog.scheme(scheme).calibrated() && seed % 2 == 0;
    HeadCalibration calibration = calibrated ? calibration(random) : HeadCalibration.identity(dim);
    codec = CodecCatalog.bind(scheme, dim, blockTokens, calibration);
    int group = Math.max(codec.keys().rowGroup(), codec.values().rowGroup());
    int blocks = Math.ceilDiv(length, blockTokens);
    boolean all = stagedTokens == 0 && group == 1;
    encoded =
        all ? Integer.MAX_VALUE : Math.max(0, length - stagedTokens) / blockTokens * blockTokens;
    place = random.ints(0, 1 << 20).distinct().limit(blocks).toArray();
    int[] order = place.clone();
    Arrays.sort(order);
    for (int i = 0; i < blocks; i++) {
      place[i] = Arrays.binarySearch(order, place[i]);
    }
    Arena arena = Arena.ofAuto();
    long bytes = codec.layout().bytes();
    memory = arena.allocate(blocks * bytes, 16);
    memory.fill((byte) 0xFF);
    staged = new MemorySegment[blocks];
    for (int i = 0; i < blocks; i++) {
      staged[i] = arena.allocate(2L * blockTokens * dim * 4, 16);
      staged[i].fill((byte) 0xFF);
    }
    keys = gaussian(random, length * dim);
    values = gaussian(random, length * dim);
    for (int c = 0; c < dim; c++) {
      for (int t = 0; calibrated && t < length; t++) {
        keys[t * dim + c] = keys[t * dim + c] * calibration.scale()[c] + calibration.mean()[c];
      }
    }
    int stored = Math.min(length, encoded);
    var writer = codec.newWriter();
    BlockReader reader = codec.newReader(1);
    for (int t = 0; t < stored; t += group) {
      long block = block(t / blockTokens);
      writer.keys(keys, t * dim, group, memory, block, t % blockTokens);
      writer.values(values, t * dim, group, memory, block, t % blockTokens);
      reader.keys(memory, block, t % blockTokens, group, keys, t * dim);
      reader.values(memory, block, t % blockTokens, group, values, t * dim);
    }
    for (int t = stored; t < length; t++) {
      int row = t % blockTokens;
      MemorySegment of = staged(t / blockTokens);
      MemorySegment.copy(keys, t * dim, of, ValueLayout.JAVA_FLOAT, stagedKey(row), dim);
      MemorySegment.copy(values, t * dim, of, ValueLayout.JAVA_FLOAT, stagedValue(row), dim);
    }
  }

  /** Encodes another key and value for a token of a format that takes rows one by one. */
  void replace(int token, float[] key, float[] value) {
    var writer = codec.newWriter();
    long block = block(token / blockTokens);
    writer.keys(key, 0, 1, memory, block, token % blockTokens);
    writer.values(value, 0, 1, memory, block, token % blockTokens);
  }

  private HeadCalibration calibration(Random random) {
    float[] mean = gaussian(random, dim);
    float[] scale = new float[dim];
    float[] signs = new float[dim];
    for (int c = 0; c < dim; c++) {
      mean[c] *= 2;
      scale[c] = 0.25f + random.nextFloat() * 2;
      signs[c] = random.nextBoolean() ? 1 : -1;
    }
    return new HeadCalibration(mean, scale, signs, 0.7f);
  }

  public static float[] gaussian(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  public float[] attend(AttentionKernel kernel, int seen, AttentionWindow window, float[] q) {
    return attend(kernel, this, seen, window, q);
  }

  /** The same with {@code kv} for this. */
  float[] attend(AttentionKernel kernel, PagedKv kv, int seen, AttentionWindow window, float[] q) {
    float[] out = new float[q.length + 2];
    Arrays.fill(out, Float.NaN);
    kernel.attend(kv, seen, window, scale(), q, 0, out, 1);
    return Arrays.copyOfRange(out, 1, q.length + 1);
  }

  float scale() {
    return (float) (1 / Math.sqrt(dim));
  }

  /** In double precision, from the decoded rows. */
  public double[] exact(int seen, AttentionWindow window, float[] q) {
    double[] out = new double[q.length];
    for (int head = 0; head < q.length / dim; head++) {
      double[] weights = new double[seen];
      double max = Double.NEGATIVE_INFINITY;
      for (int t = 0; t < seen; t++) {
        double logit = 0;
        for (int d = 0; d < dim; d++) {
          logit += (double) q[head * dim + d] * keys[t * dim + d];
        }
        boolean visible = t < window.sinks() || t >= seen - (long) window.window();
        weights[t] = visible ? logit * scale() : Double.NEGATIVE_INFINITY;
        max = Math.max(max, weights[t]);
      }
      double sum = 0;
      for (int t = 0; t < seen; t++) {
        weights[t] = Math.exp(weights[t] - max);
        sum += weights[t];
      }
      for (int t = 0; t < seen; t++) {
        for (int d = 0; d < dim; d++) {
          out[head * dim + d] += weights[t] / sum * values[t * dim + d];
        }
      }
    }
    return out;
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public long block(int index) {
    return place[index] * codec.layout().bytes();
  }

  @Override
  public int encoded() {
    return encoded;
  }

  @Override
  public MemorySegment staged(int index) {
    return staged[index];
  }

  @Override
  public long stagedKey(int row) {
    return (long) row * dim * 4;
  }

  @Override
  public long stagedValue(int row) {
    return (long) (blockTokens + row) * dim * 4;
  }
}
