package org.kvcache.bench.quality;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A head of a made-up model: which channels of K are large or biased is its own and stays, tokens
 * are drawn. The same seed gives the same head and the same samples on every machine.
 *
 * <p>The deviation of a query channel goes with the deviation of its K channel, as it is stored, to
 * the power of -1/2, as if training had shared the work between both. (After a rotary embedding a
 * biased channel turns with the position, and so has a deviation about as large as its bias was.) V
 * is normal, times one number of the head within an octave, since formats with power-of-two scales
 * depend on where in an octave the data lie; for {@link KvDistribution#HEAVY} it is drawn as K.
 */
final class KvHead {
  private static final int CHANNELS_PER_OUTLIER = 32;
  private static final double ROPE_THETA = 1e6;

  /** With it, int4 by channel over 128 tokens errs on K as the study in the literature found. */
  private static final double NORM_SIGMA = 0.4;

  private final KvDistribution distribution;
  private final int headDim;
  private final long seed;
  private final double[] keyMean;
  private final double[] keyDeviation;
  private final double valueDeviation;

  /**
   * Draws a head.
   *
   * @throws IllegalArgumentException if the head dim is odd and channels are rotated in pairs
   */
  KvHead(KvDistribution distribution, int headDim, long seed) {
    if (distribution == KvDistribution.ROPE && headDim % 2 != 0) {
      throw new IllegalArgumentException(
          "head dim is " + headDim + "; distribution 'rope' needs an even one");
    }
    this.distribution = distribution;
    this.headDim = headDim;
    this.seed = seed;
    RandomGenerator random = generator(0);
    keyMean = new double[headDim];
    keyDeviation = new double[headDim];
    Arrays.fill(keyDeviation, 1);
    for (int channel : outliers(random)) {
      switch (distribution) {
        case OUTL -> keyDeviation[channel] = random.nextDouble(10, 30);
        case BIAS, ROPE -> {
          double size = random.nextDouble(10, 30);
          keyMean[channel] = random.nextBoolean() ? size : -size;
          keyDeviation[channel] = random.nextDouble(1, 2);
        }
        case GAUSS, HEAVY -> {}
      }
    }
    boolean plain = distribution == KvDistribution.GAUSS || distribution == KvDistribution.HEAVY;
    valueDeviation = plain ? 1 : StrictMath.pow(2, random.nextDouble());
  }

  /**
   * Draws tokens and queries, which come after the tokens; queries have no particular size.
   *
   * @param number different numbers give different tokens of the same head, 1 and up
   */
  KvSample sample(int tokens, int queries, int number) {
    RandomGenerator random = generator(number);
    float[] keys = new float[Math.multiplyExact(tokens, headDim)];
    float[] values = new float[keys.length];
    float[] asked = new float[Math.multiplyExact(queries, headDim)];
    for (int token = 0; token < tokens; token++) {
      drawKey(random, keys, token * headDim);
      drawValue(random, values, token * headDim);
    }
    if (distribution == KvDistribution.ROPE) {
      rotate(keys);
    }
    double[] spread = distribution == KvDistribution.ROPE ? spread(keys, tokens) : keyDeviation;
    for (int i = 0; i < asked.length; i++) {
      asked[i] = (float) (random.nextGaussian() / Math.sqrt(spread[i % headDim]));
    }
    return new KvSample(headDim, keys, values, asked);
  }

  private void drawKey(RandomGenerator random, float[] keys, int offset) {
    double norm = norm(random);
    for (int c = 0; c < headDim; c++) {
      keys[offset + c] = (float) (keyMean[c] + keyDeviation[c] * norm * element(random));
    }
  }

  private void drawValue(RandomGenerator random, float[] values, int offset) {
    double norm = valueDeviation * norm(random);
    for (int c = 0; c < headDim; c++) {
      values[offset + c] = (float) (norm * element(random));
    }
  }

  private double norm(RandomGenerator random) {
    return distribution == KvDistribution.HEAVY
        ? StrictMath.exp(NORM_SIGMA * random.nextGaussian())
        : 1;
  }

  private double element(RandomGenerator random) {
    double normal = random.nextGaussian();
    if (distribution != KvDistribution.HEAVY) {
      return normal;
    }
    // Chi-squared with 4 degrees of freedom is -2 ln(uv); 1 - u keeps zero out.
    double chiSquared = -2 * StrictMath.log((1 - random.nextDouble()) * (1 - random.nextDouble()));
    return normal / Math.sqrt(chiSquared / 4);
  }

  /** Rotates channels {@code c} and {@code c + headDim / 2} together, as Llama and Qwen do. */
  private void rotate(float[] rows) {
    int half = headDim / 2;
    for (int c = 0; c < half; c++) {
      double frequency = StrictMath.pow(ROPE_THETA, -2.0 * c / headDim);
      for (int at = c, position = 0; at < rows.length; at += headDim, position++) {
        double cos = StrictMath.cos(position * frequency);
        double sin = StrictMath.sin(position * frequency);
        double x = rows[at];
        double y = rows[at + half];
        rows[at] = (float) (x * cos - y * sin);
        rows[at + half] = (float) (x * sin + y * cos);
      }
    }
  }

  private double[] spread(float[] keys, int tokens) {
    double[] spread = new double[headDim];
    for (int c = 0; c < headDim; c++) {
      double sum = 0;
      double squares = 0;
      for (int at = c; at < keys.length; at += headDim) {
        sum += keys[at];
        squares += (double) keys[at] * keys[at];
      }
      double mean = sum / tokens;
      // A single token has none; then all channels count the same.
      double variance = squares / tokens - mean * mean;
      spread[c] = variance > 0 ? Math.sqrt(variance) : 1;
    }
    return spread;
  }

  private int[] outliers(RandomGenerator random) {
    int[] channels = new int[headDim];
    Arrays.setAll(channels, c -> c);
    int count = Math.max(1, headDim / CHANNELS_PER_OUTLIER);
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i, headDim);
      int swapped = channels[i];
      channels[i] = channels[other];
      channels[other] = swapped;
    }
    return Arrays.copyOf(channels, count);
  }

  private RandomGenerator generator(int number) {
    byte[] state =
        ByteBuffer.allocate(4 * Long.BYTES)
            .putLong(seed)
            .putLong(distribution.ordinal())
            .putLong(headDim)
            .putLong(number)
            .array();
    return RandomGeneratorFactory.of("L64X128MixRandom").create(state);
  }
}
