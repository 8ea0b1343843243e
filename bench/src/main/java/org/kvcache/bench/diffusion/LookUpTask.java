package org.kvcache.bench.diffusion;

/**
 * A prompt and what has to follow it. A character is a token.
 *
 * @param kind what is asked for
 * @param prompt whole blocks of 16 tokens
 * @param expected whole blocks of 16 tokens
 */
public record LookUpTask(Kind kind, String prompt, String expected) {

  /** Tokens of a block. */
  public static final int BLOCK = 16;

  /** How many records a block of the answer is made of. */
  public enum Kind {
    /** Each block is the record that the block before names. */
    ONE,
    /** Each block is put together from two records, which the block before names. */
    TWO
  }

  /** The prompt as the model takes it. */
  public int[] promptTokens() {
    return prompt.chars().toArray();
  }

  /** Blocks to be generated. */
  public int blocks() {
    return expected.length() / BLOCK;
  }

  /** Compares what was generated with what was expected. */
  public Score score(int[] generated) {
    int rightBlocks = 0;
    int rightColumns = 0;
    for (int block = 0; block < blocks(); block++) {
      int right = 0;
      for (int i = block * BLOCK; i < block * BLOCK + Score.COLUMNS; i++) {
        right += generated[i] == expected.charAt(i) ? 1 : 0;
      }
      rightColumns += right;
      rightBlocks += right == Score.COLUMNS ? 1 : 0;
    }
    return new Score(blocks(), rightBlocks, rightColumns);
  }

  /**
   * How much of some answers was right.
   *
   * @param blocks blocks generated
   * @param rightBlocks those of which all columns but the last, always an end of line, are right
   * @param rightColumns right tokens in these columns
   */
  public record Score(int blocks, int rightBlocks, int rightColumns) {

    /** Of no answer. */
    public static final Score NONE = new Score(0, 0, 0);

    private static final int COLUMNS = BLOCK - 1;

    /** Of both. */
    public Score plus(Score other) {
      return new Score(
          blocks + other.blocks,
          rightBlocks + other.rightBlocks,
          rightColumns + other.rightColumns);
    }

    /** Share of right blocks. */
    public double blockAccuracy() {
      return (double) rightBlocks / blocks;
    }

    /** Share of right columns. */
    public double columnAccuracy() {
      return (double) rightColumns / (blocks * COLUMNS);
    }
  }
}
