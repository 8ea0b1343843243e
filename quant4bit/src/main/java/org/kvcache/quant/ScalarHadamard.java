package org.kvcache.quant;

import java.util.Objects;

/** The transform in plain Java. */
enum ScalarHadamard implements Hadamard {
  INSTANCE;

  @Override
  public void transform(float[] x, int offset, int dim) {
    float factor = Hadamard.factor(dim);
    Objects.checkFromIndexSize(offset, dim, x.length);
    int end = offset + dim;
    for (int stride = 1; stride < dim; stride *= 2) {
      for (int block = offset; block < end; block += 2 * stride) {
        for (int i = block; i < block + stride; i++) {
          float a = x[i];
          float b = x[i + stride];
          x[i] = a + b;
          x[i + stride] = a - b;
        }
      }
    }
    for (int i = offset; i < end; i++) {
      x[i] *= factor;
    }
  }
}
