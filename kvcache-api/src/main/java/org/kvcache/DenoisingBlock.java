package org.kvcache;

import org.jspecify.annotations.Nullable;

/**
 * The next tokens of a sequence while a block-diffusion model refines them: the keys and values of
 * the block are written anew on every denoising step, every token of the block sees the prefix and
 * the whole block, and only {@link #commit} makes anything permanent. A block of one token is
 * autoregressive decoding.
 *
 * <pre>{@code
 * try (DenoisingBlock block = seq.beginBlock(16)) {
 *   for each denoising step, and once more with the final tokens:
 *     for each layer: block.write(layer, k, 0, v, 0);          // K after RoPE, all tokens
 *                     block.attend(layer, q, 0, out, 0);
 *   block.commit(tokens, 0);                                   // what the last pass wrote
 * }
 * }</pre>
 *
 * <p>With {@link KvCacheConfig#retrieval} a block attends to a chosen share of the prefix, to the
 * last committed blocks and to itself; without, to everything. The share is chosen on the first
 * step, or during the block before by {@link #lookAhead}.
 *
 * <p><b>Threads.</b> A block belongs to one thread at a time, its look-ahead to another one. {@link
 * #close} may come from any thread. Nothing else may change the sequence while a block is open, but
 * {@link KvSequence#close}, which closes the block too.
 *
 * <p>Every method throws {@link IllegalStateException} once the block is committed or closed.
 */
public interface DenoisingBlock extends AutoCloseable {

  /** Position of the block's first token. */
  int start();

  /** Tokens of the block. */
  int tokens();

  /**
   * Writes K and V of all tokens of the block in one layer, over what earlier steps wrote.
   *
   * @param k from {@code kOffset} on {@link #tokens} rows of {@link KvShape#kvDim}
   * @param v from {@code vOffset} on as many
   */
  void write(int layer, float[] k, int kOffset, float[] v, int vOffset);

  /**
   * Attention of all tokens of the block in one layer, after {@link #write} in that layer.
   *
   * @param q from {@code qOffset} on {@link #tokens} rows of {@link KvShape#queryDim}
   * @param out receives as many elements
   */
  void attend(int layer, float[] q, int qOffset, float[] out, int outOffset);

  /**
   * Begins to choose what the next block will attend to, by a pass over the draft of this block
   * followed by the next block with every token masked. To be asked for once, after the first step,
   * whose arg-max is the draft.
   *
   * @return null if nothing is to be chosen ahead: the cache has no retrieval, or one that does not
   *     look ahead
   */
  @Nullable LookAhead lookAhead();

  /**
   * Makes what the last pass wrote permanent, under these tokens, and ends the block.
   *
   * @param tokens from {@code offset} on {@link #tokens} final tokens
   * @throws IllegalStateException if a layer was never written; the block stays open
   * @throws IllegalArgumentException if the prompt has another token there; the block stays open
   */
  void commit(int[] tokens, int offset);

  /** Drops the block and its look-ahead, unless it was committed. */
  @Override
  void close();
}
