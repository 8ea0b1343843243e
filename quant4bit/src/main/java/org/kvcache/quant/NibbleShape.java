package org.kvcache.quant;

/**
 * How rows of four-bit codes lie in memory and in registers.
 *
 * <p>A row of {@code dim} codes is {@code dim / 8} words of eight codes each. Words go through the
 * processor in blocks of {@link #lanes} words, one to a lane; code {@code i} of every word of a
 * block is one <em>plane</em>. Queries and sums are kept plane by plane, so that a shift and a
 * table look-up turn a register of words into a register of values for the same lanes:
 *
 * <pre>
 * position (block * 8 + i) * lanes + lane   holds element   order[(block * lanes + lane) * 8 + i]
 * </pre>
 *
 * <p>A dot product is, for each lane, a chain of fused multiply-adds over the planes of a block,
 * times the lane's scale, fused into the lane's total over blocks; then a fold of lane {@code j +
 * half} into lane {@code j} until one is left. It does not depend on how many lanes the processor
 * has, and so neither do results.
 */
final class NibbleShape {

  /** Elements of a row, a multiple of 32. */
  final int dim;

  /** Elements that share a scale: 16, 32 or {@link #dim}. */
  final int group;

  /** Scales of a row. */
  final int groups;

  /** Lanes of a block of words: a power of two, 4 to 16. */
  final int lanes;

  /** Blocks of words in a row. */
  final int blocks;

  /** Value of each code. */
  final float[] table;

  /** The same as bits. */
  final int[] tableBits;

  /** Which of the scales from a register's first on belongs to each lane of the register. */
  final int[] groupOfLane;

  private final int[] element;
  private final boolean natural;

  private NibbleShape(int dim, int group, float[] table, boolean natural) {
    if (dim % 32 != 0) {
      throw new IllegalArgumentException(
          "head dim is " + dim + "; four-bit formats need a multiple of 32");
    }
    this.dim = dim;
    this.group = group;
    this.groups = dim / group;
    this.lanes = Math.min(16, Integer.lowestOneBit(dim / 8));
    this.blocks = dim / 8 / lanes;
    this.table = table.clone();
    this.tableBits = new int[16];
    this.groupOfLane = new int[16];
    for (int i = 0; i < 16; i++) {
      tableBits[i] = Float.floatToRawIntBits(table[i]);
      groupOfLane[i] = i / lanes * groups + i % lanes * 8 / group;
    }
    this.natural = natural;
    this.element = new int[dim];
    for (int word = 0; word < dim / 8; word++) {
      for (int i = 0; i < 8; i++) {
        int position = (word / lanes * 8 + i) * lanes + word % lanes;
        element[position] = natural ? word * 8 + i : halves(word * 8 + i);
      }
    }
  }

  /** Element {@code 2i} in the low nibble of byte {@code i}, {@code 2i + 1} in the high one. */
  static NibbleShape natural(int dim, int group, float[] table) {
    return new NibbleShape(dim, group, table, true);
  }

  /**
   * As ggml has it: byte {@code i} of a group of 32 holds elements {@code i} and {@code i + 16}.
   */
  static NibbleShape halves(int dim, float[] table) {
    return new NibbleShape(dim, 32, table, false);
  }

  private static int halves(int code) {
    int start = code & -32;
    int within = code & 31;
    return start + within / 2 + within % 2 * 16;
  }

  /** True if codes lie in the order of their elements. */
  boolean isNatural() {
    return natural;
  }

  /** Bytes of codes of a row. */
  int rowBytes() {
    return dim / 2;
  }

  /** From elements to planes. */
  void toPlanes(float[] row, int offset, float[] planes, int to) {
    for (int position = 0; position < dim; position++) {
      planes[to + position] = row[offset + element[position]];
    }
  }

  /** From planes to elements. */
  void fromPlanes(float[] planes, int from, float[] row, int offset) {
    for (int position = 0; position < dim; position++) {
      row[offset + element[position]] = planes[from + position];
    }
  }
}
