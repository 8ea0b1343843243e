package org.kvcache.bench.diffusion;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code C += A B} of row-major matrices in binary32. Each element of C is one chain of fused
 * multiply-adds in the order of A's columns, so the result does not depend on the machine's
 * vectors.
 */
final class MatrixProduct {

  /** The rows of A must be a multiple of this. */
  static final int ROWS = 4;

  /** The columns of B must be a multiple of this. */
  static final int COLUMNS = 16;

  private static final VectorSpecies<Float> FLOATS = Exponentials.FLOATS;
  private static final int WIDTH = FLOATS.length();

  private MatrixProduct() {}

  /**
   * Multiplies. An offset is where a matrix begins in its array, a stride how far apart its rows
   * are.
   *
   * @param rows of A and C
   * @param inner columns of A, rows of B
   * @param columns of B and C
   */
  static void add(
      float[] a,
      int aOffset,
      int aStride,
      float[] b,
      int bOffset,
      int bStride,
      float[] c,
      int cOffset,
      int cStride,
      int rows,
      int inner,
      int columns) {
    int column = 0;
    for (; column + 2 * WIDTH <= columns; column += 2 * WIDTH) {
      for (int row = 0; row < rows; row += ROWS) {
        int from = aOffset + row * aStride;
        int to = cOffset + row * cStride + column;
        addTwoVectors(a, from, aStride, b, bOffset + column, bStride, c, to, cStride, inner);
      }
    }
    if (column < columns) {
      for (int row = 0; row < rows; row += ROWS) {
        int from = aOffset + row * aStride;
        int to = cOffset + row * cStride + column;
        addOneVector(a, from, aStride, b, bOffset + column, bStride, c, to, cStride, inner);
      }
    }
  }

  /** Four rows and two vectors of columns: eight sums stay in registers. */
  private static void addTwoVectors(
      float[] a,
      int from,
      int aStride,
      float[] b,
      int bFrom,
      int bStride,
      float[] c,
      int to,
      int cStride,
      int inner) {
    int to1 = to + cStride;
    int to2 = to1 + cStride;
    int to3 = to2 + cStride;
    FloatVector c00 = FloatVector.fromArray(FLOATS, c, to);
    FloatVector c01 = FloatVector.fromArray(FLOATS, c, to + WIDTH);
    FloatVector c10 = FloatVector.fromArray(FLOATS, c, to1);
    FloatVector c11 = FloatVector.fromArray(FLOATS, c, to1 + WIDTH);
    FloatVector c20 = FloatVector.fromArray(FLOATS, c, to2);
    FloatVector c21 = FloatVector.fromArray(FLOATS, c, to2 + WIDTH);
    FloatVector c30 = FloatVector.fromArray(FLOATS, c, to3);
    FloatVector c31 = FloatVector.fromArray(FLOATS, c, to3 + WIDTH);
    for (int i = 0; i < inner; i++) {
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bFrom + i * bStride);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bFrom + i * bStride + WIDTH);
      FloatVector factor = FloatVector.broadcast(FLOATS, a[from + i]);
      c00 = factor.fma(b0, c00);
      c01 = factor.fma(b1, c01);
      factor = FloatVector.broadcast(FLOATS, a[from + aStride + i]);
      c10 = factor.fma(b0, c10);
      c11 = factor.fma(b1, c11);
      factor = FloatVector.broadcast(FLOATS, a[from + 2 * aStride + i]);
      c20 = factor.fma(b0, c20);
      c21 = factor.fma(b1, c21);
      factor = FloatVector.broadcast(FLOATS, a[from + 3 * aStride + i]);
      c30 = factor.fma(b0, c30);
      c31 = factor.fma(b1, c31);
    }
    c00.intoArray(c, to);
    c01.intoArray(c, to + WIDTH);
    c10.intoArray(c, to1);
    c11.intoArray(c, to1 + WIDTH);
    c20.intoArray(c, to2);
    c21.intoArray(c, to2 + WIDTH);
    c30.intoArray(c, to3);
    c31.intoArray(c, to3 + WIDTH);
  }

  private static void addOneVector(
      float[] a,
      int from,
      int aStride,
      float[] b,
      int bFrom,
      int bStride,
      float[] c,
      int to,
      int cStride,
      int inner) {
    FloatVector c0 = FloatVector.fromArray(FLOATS, c, to);
    FloatVector c1 = FloatVector.fromArray(FLOATS, c, to + cStride);
    FloatVector c2 = FloatVector.fromArray(FLOATS, c, to + 2 * cStride);
    FloatVector c3 = FloatVector.fromArray(FLOATS, c, to + 3 * cStride);
    for (int i = 0; i < inner; i++) {
      FloatVector row = FloatVector.fromArray(FLOATS, b, bFrom + i * bStride);
      c0 = FloatVector.broadcast(FLOATS, a[from + i]).fma(row, c0);
      c1 = FloatVector.broadcast(FLOATS, a[from + aStride + i]).fma(row, c1);
      c2 = FloatVector.broadcast(FLOATS, a[from + 2 * aStride + i]).fma(row, c2);
      c3 = FloatVector.broadcast(FLOATS, a[from + 3 * aStride + i]).fma(row, c3);
    }
    c0.intoArray(c, to);
    c1.intoArray(c, to + cStride);
    c2.intoArray(c, to + 2 * cStride);
    c3.intoArray(c, to + 3 * cStride);
  }
}
