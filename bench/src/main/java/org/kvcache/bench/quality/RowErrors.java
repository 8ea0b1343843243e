package org.kvcache.bench.quality;

import static org.kvcache.bench.quality.ExactAttention.dot;

/** Sums up how far rows are from what they should be. */
final class RowErrors {
  private double squaredErrors;
  private double squaredNorms;
  private double cosines;
  private long rows;

  /** Adds all rows of {@code read}, which should be those of {@code exact} from an offset on. */
  void add(float[] exact, int offset, float[] read, int headDim) {
    for (int row = 0; row < read.length; row += headDim) {
      for (int i = row; i < row + headDim; i++) {
        double error = (double) read[i] - exact[offset + i];
        squaredErrors += error * error;
      }
      double exactNorm = dot(exact, offset + row, exact, offset + row, headDim);
      double readNorm = dot(read, row, read, row, headDim);
      squaredNorms += exactNorm;
      double norms = Math.sqrt(exactNorm * readNorm);
      double product = dot(exact, offset + row, read, row, headDim);
      cosines += norms == 0 ? (exactNorm == readNorm ? 1 : 0) : product / norms;
      rows++;
    }
  }

  /** Squared errors over squared norms; 0 if nothing is wrong, even with zeros. */
  double relative() {
    return squaredErrors == 0 ? 0 : squaredErrors / squaredNorms;
  }

  /** Mean cosine of a row read with the exact one; zeros read as zeros count as 1. */
  double cosine() {
    return cosines / rows;
  }
}
