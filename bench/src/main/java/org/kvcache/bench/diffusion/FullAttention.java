package org.kvcache.bench.diffusion;

import org.jspecify.annotations.Nullable;

/**
 * The reference: flat arrays of binary32 and attention over every token. Its look-ahead, when it
 * has one, prepares nothing; it is there to be compared with.
 */
public final class FullAttention implements BlockKv {

  private final DiffusionConfig config;
  private final boolean looksAhead;
  private final FloatRows rows;
  private final RowAttention attention;
  private int length;

  /** Room for {@code capacity} tokens. */
  FullAttention(DiffusionConfig config, int capacity, boolean looksAhead) {
    this(config, capacity, looksAhead, AttentionObserver.NONE);
  }

  /**
   * Room for {@code capacity} tokens; {@code observer} sees the weights of every pass over a block,
   * on the thread of the pass, but not those of look-aheads.
   */
  public FullAttention(
      DiffusionConfig config, int capacity, boolean looksAhead, AttentionObserver observer) {
    this.config = config;
    this.looksAhead = looksAhead;
    rows = new FloatRows(config, capacity);
    attention = new RowAttention(config, observer);
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public OpenBlock beginPrompt(int tokens) {
    return begin(tokens);
  }

  @Override
  public OpenBlock begin(int tokens) {
    if (tokens != config.block() || length + tokens > rows.capacity()) {
      throw new IllegalArgumentException(
          "a block of %d tokens after %d; blocks have %d and there is room for %d in all"
              .formatted(tokens, length, config.block(), rows.capacity()));
    }
    return new Block();
  }

  /** Written behind the committed tokens, where no look-ahead reads. */
  private final class Block implements OpenBlock {

    @Override
    public boolean write(int layer, float[] k, float[] v) {
      rows.write(layer, length, config.block(), k, v);
      return true;
    }

    @Override
    public boolean attend(int layer, float[] q, float[] out) {
      attention.attend(layer, rows, length + config.block(), rows, 0, q, 0, out);
      return true;
    }

    @Override
    public @Nullable LookAhead lookAhead() {
      return looksAhead ? new Ahead(length) : null;
    }

    @Override
    public void commit(int[] tokens) {
      length += config.block();
    }

    @Override
    public void close() {}
  }

  /** Two blocks of its own, the second of which sees the first. */
  private final class Ahead implements LookAhead {

    private final int prefix;
    private final FloatRows own = new FloatRows(config, 2 * config.block());
    private final RowAttention attention = new RowAttention(config, AttentionObserver.NONE);

    Ahead(int prefix) {
      this.prefix = prefix;
    }

    @Override
    public boolean write(int layer, float[] k, float[] v) {
      own.write(layer, 0, 2 * config.block(), k, v);
      return true;
    }

    @Override
    public boolean attend(int layer, float[] q, float[] out) {
      int block = config.block();
      attention.attend(layer, rows, prefix, own, block, q, 0, out);
      attention.attend(layer, rows, prefix, own, 2 * block, q, block, out);
      return true;
    }

    @Override
    public void close() {}
  }
}
