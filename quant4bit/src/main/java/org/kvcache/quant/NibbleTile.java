package org.kvcache.quant;

/** Scratch of one thread for {@link #ROWS} rows: their scales, zero points and lanes. */
final class NibbleTile {

  /** Rows that are worked on at once; their scales and codes stay in the nearest cache. */
  static final int ROWS = 64;

  final float[] scales;
  final float[] zeros;
  final float[] lanes = new float[ROWS * NibbleKernels.SLACK];

  NibbleTile(GroupFormat format) {
    int groups = format.shape().groups;
    scales = new float[ROWS * groups + NibbleKernels.SLACK];
    zeros = format.hasZeros() ? new float[ROWS * groups] : new float[0];
  }
}
