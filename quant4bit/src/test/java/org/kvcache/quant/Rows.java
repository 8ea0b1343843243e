package org.kvcache.quant;

import java.util.Random;

/** Rows as models give them, and worse. */
enum Rows {
  GAUSSIAN {
    @Override
    float element(Random random) {
      return (float) random.nextGaussian();
    }
  },
  SUBNORMAL {
    @Override
    float element(Random random) {
      return Float.intBitsToFloat(random.nextInt() & 0x807F_FFFF);
    }
  },
  HUGE {
    @Override
    float element(Random random) {
      return (random.nextFloat() - 0.5f) * 2 * Float.MAX_VALUE;
    }
  },
  ZERO {
    @Override
    float element(Random random) {
      return random.nextBoolean() ? 0f : -0f;
    }
  },
  WITH_NAN {
    @Override
    float element(Random random) {
      return random.nextInt(20) == 0 ? Float.NaN : GAUSSIAN.element(random);
    }
  },
  WITH_INFINITY {
    @Override
    float element(Random random) {
      return random.nextInt(20) == 0 ? Float.NEGATIVE_INFINITY : GAUSSIAN.element(random);
    }
  },
  ANY_BITS {
    @Override
    float element(Random random) {
      return Float.intBitsToFloat(random.nextInt());
    }
  };

  abstract float element(Random random);

  float[] of(int length, long seed) {
    Random random = new Random(seed);
    float[] row = new float[length];
    for (int i = 0; i < length; i++) {
      row[i] = element(random);
    }
    return row;
  }

  /** The bits of all floats, NaNs made one. */
  static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }
}
