package org.kvcache;

import java.util.Objects;

/**
 * How {@linkplain DenoisingBlock blocks} attend to a long prefix of which a device holds a share:
 * the full keys and values stay in the cache's memory, and for each layer and KV head the pages
 * that matter are chosen and moved.
 *
 * @param retriever who chooses, see {@link org.kvcache.spi.BlockRetriever}
 * @param budget share of the prefix that a block sees in each layer and KV head, above 0 and at
 *     most 1; the last committed blocks count, the block itself does not
 * @param minTokens tokens that are always affordable: a budget of fewer is raised to them, and a
 *     prefix of no more is attended whole
 * @param byToken choose single tokens, not pages of {@link KvCacheConfig#blockTokens}
 * @param queries tokens of the block whose queries are asked, by retrievers that ask some; 0 asks
 *     all
 * @param lookAhead choose for the next block while the present one is refined
 * @param denseLayers leading layers that attend to the whole prefix
 * @param sinkBlocks leading blocks that are always seen, at most 65,536
 * @param tailBlocks committed blocks before the present one that are always seen, at least 1 and at
 *     most 65,536
 * @param scoredKeys scheme in whose key format a copy of the keys is kept for choosing; empty to
 *     choose by the stored keys
 * @param slack slots kept beyond those of the chosen, as a share of them, so that what comes back
 *     need not be moved again
 * @param policy who leaves the device, see {@link org.kvcache.spi.PolicyCatalog}
 * @param device where the chosen are, see {@link org.kvcache.spi.PageDevice}
 * @param deviceBytes memory for pages on the device, of all sequences
 * @param threads that choose, beside the caller; 0 for two less than the processors, so that the
 *     engine's thread keeps one
 * @param recallEvery blocks after which a choice is compared with the exact one; 0 for never
 * @param recallFloor share of the exact choice's attention below which the budget grows
 */
public record Retrieval(
    String retriever,
    double budget,
    int minTokens,
    boolean byToken,
    int queries,
    boolean lookAhead,
    int denseLayers,
    int sinkBlocks,
    int tailBlocks,
    String scoredKeys,
    double slack,
    String policy,
    String device,
    long deviceBytes,
    int threads,
    int recallEvery,
    double recallFloor) {

  private static final int MOST_BLOCKS = 1 << 16;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException naming the value that makes no sense
   */
  public Retrieval {
    Objects.requireNonNull(scoredKeys);
    if (retriever.isEmpty() || policy.isEmpty() || device.isEmpty()) {
      throw new IllegalArgumentException(
          "retrieval needs the names of a retriever, a policy and a device");
    }
    if (!(budget > 0 && budget <= 1)) {
      throw new IllegalArgumentException(
          "retrieval budget is " + budget + "; it is a share above 0 and at most 1");
    }
    atLeast("minTokens", minTokens, 1);
    atLeast("queries", queries, 0);
    atLeast("denseLayers", denseLayers, 0);
    atLeast("sinkBlocks", sinkBlocks, 0);
    atMost("sinkBlocks", sinkBlocks, MOST_BLOCKS);
    atLeast("tailBlocks", tailBlocks, 1);
    atMost("tailBlocks", tailBlocks, MOST_BLOCKS);
    atLeast("threads", threads, 0);
    atLeast("recallEvery", recallEvery, 0);
    if (!(slack >= 0 && slack <= 16)) {
      throw new IllegalArgumentException("retrieval slack is " + slack + "; it is within 0 and 16");
    }
    if (deviceBytes < 1) {
      throw new IllegalArgumentException(
          "retrieval deviceBytes is " + deviceBytes + "; give the device some memory");
    }
    if (!(recallFloor >= 0 && recallFloor <= 1)) {
      throw new IllegalArgumentException(
          "retrieval recallFloor is " + recallFloor + "; it is a share within 0 and 1");
    }
  }

  private static void atMost(String name, int value, int most) {
    if (value > most) {
      throw new IllegalArgumentException(
          "retrieval %s is %d; at most %d is taken".formatted(name, value, most));
    }
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "retrieval %s is %d; at least %d is needed".formatted(name, value, least));
    }
  }

  /** The same with keys of another scheme to choose by. */
  public Retrieval withScoredKeys(String scheme) {
    return new Retrieval(
        retriever,
        budget,
        minTokens,
        byToken,
        queries,
        lookAhead,
        denseLayers,
        sinkBlocks,
        tailBlocks,
        scheme,
        slack,
        policy,
        device,
        deviceBytes,
        threads,
        recallEvery,
        recallFloor);
  }

  /** A builder with the defaults: HERALD with two queries, pages, 5 % and look-ahead. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of a {@link Retrieval}. */
  public static final class Builder {
    private String retriever = "herald";
    private double budget = 0.05;
    private int minTokens = 512;
    private boolean byToken;
    private int queries = 2;
    private boolean lookAhead = true;
    private int denseLayers;
    private int sinkBlocks;
    private int tailBlocks = 1;
    private String scoredKeys = "";
    private double slack = 0.5;
    private String policy = "arc";
    private String device = "host";
    private long deviceBytes = 1L << 30;
    private int threads;
    private int recallEvery;
    private double recallFloor = 0.9;

    private Builder() {}

    /** Who chooses. */
    public Builder retriever(String value) {
      retriever = Objects.requireNonNull(value);
      return this;
    }

    /** Share of the prefix that a block sees. */
    public Builder budget(double value) {
      budget = value;
      return this;
    }

    /** Tokens that are always affordable. */
    public Builder minTokens(int value) {
      minTokens = value;
      return this;
    }

    /** Whether single tokens are chosen, not pages. */
    public Builder byToken(boolean value) {
      byToken = value;
      return this;
    }

    /** Tokens whose queries are asked. */
    public Builder queries(int value) {
      queries = value;
      return this;
    }

    /** Whether to choose one block ahead. */
    public Builder lookAhead(boolean value) {
      lookAhead = value;
      return this;
    }

    /** Leading layers that attend to everything. */
    public Builder denseLayers(int value) {
      denseLayers = value;
      return this;
    }

    /** Leading blocks that are always seen. */
    public Builder sinkBlocks(int value) {
      sinkBlocks = value;
      return this;
    }

    /** Last committed blocks that are always seen. */
    public Builder tailBlocks(int value) {
      tailBlocks = value;
      return this;
    }

    /** Scheme of a copy of the keys to choose by. */
    public Builder scoredKeys(String value) {
      scoredKeys = Objects.requireNonNull(value);
      return this;
    }

    /** Slots kept beyond those of the chosen. */
    public Builder slack(double value) {
      slack = value;
      return this;
    }

    /** Who leaves the device. */
    public Builder policy(String value) {
      policy = Objects.requireNonNull(value);
      return this;
    }

    /** Where the chosen are. */
    public Builder device(String value) {
      device = Objects.requireNonNull(value);
      return this;
    }

    /** Memory for pages on the device. */
    public Builder deviceBytes(long value) {
      deviceBytes = value;
      return this;
    }

    /** Threads that choose. */
    public Builder threads(int value) {
      threads = value;
      return this;
    }

    /** Blocks between two comparisons with the exact choice. */
    public Builder recallEvery(int value) {
      recallEvery = value;
      return this;
    }

    /** Share of attention below which the budget grows. */
    public Builder recallFloor(double value) {
      recallFloor = value;
      return this;
    }

    /**
     * The settings.
     *
     * @throws IllegalArgumentException naming the value that makes no sense
     */
    public Retrieval build() {
      return new Retrieval(
          retriever,
          budget,
          minTokens,
          byToken,
          queries,
          lookAhead,
          denseLayers,
          sinkBlocks,
          tailBlocks,
          scoredKeys,
          slack,
          policy,
          device,
          deviceBytes,
          threads,
          recallEvery,
          recallFloor);
    }
  }
}
