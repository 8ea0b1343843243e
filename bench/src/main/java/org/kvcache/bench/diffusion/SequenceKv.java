package org.kvcache.bench.diffusion;

import org.jspecify.annotations.Nullable;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;

/** Blocks in a KV cache: where each call of kvcache goes in an engine for block diffusion. */
public final class SequenceKv implements BlockKv {

  private final KvSequence sequence;
  private final KvShape shape;

  /** A sequence of a cache of this shape; whoever opened it closes it. */
  public SequenceKv(KvSequence sequence, KvShape shape) {
    this.sequence = sequence;
    this.shape = shape;
  }

  @Override
  public int length() {
    return sequence.length();
  }

  @Override
  public OpenBlock beginPrompt(int tokens) {
    return new PromptBlock(sequence.length(), tokens);
  }

  @Override
  public OpenBlock begin(int tokens) {
    return new Refined(sequence.beginBlock(tokens));
  }

  /** Appended as in autoregressive decoding, and attended as if each token was the last. */
  private final class PromptBlock implements OpenBlock {

    private final int start;
    private final int tokens;

    PromptBlock(int start, int tokens) {
      this.start = start;
      this.tokens = tokens;
    }

    @Override
    public boolean write(int layer, float[] k, float[] v) {
      sequence.append(layer, start, tokens, k, 0, v, 0);
      return true;
    }

    @Override
    public boolean attend(int layer, float[] q, float[] out) {
      int last = start + tokens - 1;
      for (int i = 0; i < tokens; i++) {
        sequence.attend(layer, last, 1, q, i * shape.queryDim(), out, i * shape.queryDim());
      }
      return true;
    }

    @Override
    public @Nullable LookAhead lookAhead() {
      return null;
    }

    @Override
    public void commit(int[] committed) {
      sequence.commit(committed, 0, tokens);
    }

    @Override
    public void close() {} // rows that were not committed are written over
  }

  private record Refined(DenoisingBlock block) implements OpenBlock {

    @Override
    public boolean write(int layer, float[] k, float[] v) {
      block.write(layer, k, 0, v, 0);
      return true;
    }

    @Override
    public boolean attend(int layer, float[] q, float[] out) {
      block.attend(layer, q, 0, out, 0);
      return true;
    }

    @Override
    public @Nullable LookAhead lookAhead() {
      org.kvcache.@Nullable LookAhead pass = block.lookAhead();
      return pass == null ? null : new Ahead(pass);
    }

    @Override
    public void commit(int[] tokens) {
      block.commit(tokens, 0);
    }

    @Override
    public void close() {
      block.close();
    }
  }

  private record Ahead(org.kvcache.LookAhead pass) implements LookAhead {

    @Override
    public boolean write(int layer, float[] k, float[] v) {
      return pass.write(layer, k, 0, v, 0);
    }

    @Override
    public boolean attend(int layer, float[] q, float[] out) {
      return pass.attend(layer, q, 0, out, 0);
    }

    @Override
    public void close() {
      pass.close();
    }
  }
}
