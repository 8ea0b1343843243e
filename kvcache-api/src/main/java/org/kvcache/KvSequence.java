package org.kvcache;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.kvcache.spi.ReuseHint;

/**
 * One request's keys and values, and its lease on the blocks that hold them.
 *
 * <pre>{@code
 * for (int pos = seq.matched(); pos < prompt.length; pos++) {      // only what is not cached
 *   for each layer: seq.append(layer, pos, k, 0, v, 0);            // K after RoPE
 *                   seq.attend(layer, pos, 1, q, 0, out, 0);       // sees [0, pos]
 *   seq.commit(prompt, pos, 1);                                    // full blocks can be shared now
 * }
 * }</pre>
 *
 * <p><b>Tokens.</b> {@code [0, length)} are committed and cannot be written. From there on rows may
 * be appended in any order of layers and positions, and again over what was not committed. K and V
 * of a token are rows of {@link KvShape#kvDim} floats, KV head after KV head; queries and outputs
 * rows of {@link KvShape#queryDim}.
 *
 * <p><b>Bits.</b> Rows are encoded when they are appended, so attention reads the same codes
 * whether a prefix was cached or computed, and the answer is the same to the last bit. With {@link
 * KvCacheConfig#staged} (and with formats that encode several tokens together) rows stay in
 * binary32 until {@link #commit} has a full block of them.
 *
 * <p><b>Threads.</b> Sequences are independent. Within one, appends to distinct (layer, position)
 * may run in parallel, and so may attends; the engine puts a barrier between an append and an
 * attend that reads it. All other methods belong to one thread at a time, and no append or attend
 * may run meanwhile; {@link #close} may come from any thread at any time. {@code append}, {@code
 * attend}, and {@code commit} inside a block allocate nothing in steady state; a view is one small
 * object.
 *
 * <p>Every method throws {@link IllegalStateException} after {@link #close}, and {@link
 * IndexOutOfBoundsException} or {@link IllegalArgumentException} with both numbers when a layer,
 * position, length or array does not fit.
 */
public interface KvSequence extends KvLease {

  /**
   * {@inheritDoc}
   *
   * <p>At most one less than the prompt, since the logits of its last token must be computed. Grows
   * while a {@linkplain SequenceOptions.Promotion#BACKGROUND background} promotion arrives, until
   * the engine reserves or appends: so reserve first, and then ask where to begin.
   */
  @Override
  int matched();

  /** What {@link #matched} will be once all blocks found in farther tiers have arrived. */
  int expected();

  /**
   * Waits until the promotion from farther tiers is over or the time has passed.
   *
   * @return true if it is over; {@link #matched} may then be less than {@link #expected} was, if a
   *     tier failed
   */
  boolean awaitPromotion(Duration atMost);

  /** Committed tokens. */
  int length();

  /**
   * Makes room for {@code tokens} more than {@link #length}, evicting no more than the shortfall.
   * Gives up what has not arrived of a promotion.
   *
   * @return false, with nothing changed, if there is no room: wait, or close another sequence
   */
  boolean tryReserve(int tokens);

  /**
   * Stores K and V of one token in one layer; reserves when needed.
   *
   * @param k from {@code kOffset} on {@link KvShape#kvDim} elements
   * @param v from {@code vOffset} on as many
   * @throws KvCacheFullException if there is no room
   */
  default void append(int layer, int position, float[] k, int kOffset, float[] v, int vOffset) {
    append(layer, position, 1, k, kOffset, v, vOffset);
  }

  /** Stores K and V of {@code tokens} consecutive tokens in one layer, row after row. */
  void append(int layer, int position, int tokens, float[] k, int kOffset, float[] v, int vOffset);

  /** Stores K and V of one token from memory that holds {@link KvShape#kvDim} floats each. */
  void append(int layer, int position, MemorySegment k, MemorySegment v);

  /**
   * The K of one token in one layer for the engine to write and read, {@link KvShape#kvDim} floats
   * in native order, valid until the token's block is committed.
   *
   * @throws IllegalStateException if the cache is not {@linkplain KvCacheConfig#staged staged}
   */
  MemorySegment key(int layer, int position);

  /** The same for V. */
  MemorySegment value(int layer, int position);

  /**
   * The next {@code count} tokens are final, and all their layers are written. Blocks that they
   * fill get their key and can be matched by other sequences from now on.
   *
   * @param tokens within the prompt given to {@link KvCache#begin} the same tokens
   * @throws IllegalStateException if a layer of one of them was not written
   */
  void commit(int[] tokens, int offset, int count);

  /**
   * Begins a block of tokens behind {@link #length} that is refined before it is committed.
   *
   * @param tokens of the block, 1 or more
   * @throws IllegalStateException if a block of this sequence is open
   * @throws KvCacheFullException if there is no room
   */
  DenoisingBlock beginBlock(int tokens);

  /**
   * Attention of all query heads of {@code tokens} consecutive tokens in one layer: the one at
   * position {@code p} sees the tokens {@code [0, p]}, or what the layer's {@link AttentionWindow}
   * leaves of them. Logits are scaled by {@code 1/√headDim}, or as {@link KvCacheConfig#logitScale}
   * says.
   *
   * @param q queries in the order of the tokens, {@link KvShape#queryDim} each
   * @param out receives as many elements
   */
  void attend(
      int layer, int position, int tokens, float[] q, int qOffset, float[] out, int outOffset);

  /**
   * Attention of one query head over the first {@code length} tokens: for engines that run heads in
   * parallel.
   *
   * @param q from {@code qOffset} on {@code headDim} elements
   */
  void attendHead(
      int layer, int head, int length, float[] q, int qOffset, float[] out, int outOffset);

  /**
   * Reads K rows back in the model's own basis, for engines with attention kernels of their own.
   * What was encoded comes back with the format's error.
   *
   * @param rows receives {@code tokens} rows of {@link KvShape#kvDim}
   */
  void readKeys(int layer, int position, int tokens, float[] rows, int offset);

  /** The same for V. */
  void readValues(int layer, int position, int tokens, float[] rows, int offset);

  /**
   * A second sequence with the same committed tokens: full blocks are shared, what is not full is
   * copied, and each goes its own way from here.
   *
   * @throws KvCacheFullException if there is no room for the copy
   */
  KvSequence fork();

  /**
   * Forgets the tokens from {@code length} on: after speculative decoding, or when a user edits.
   * Blocks that others use stay theirs; of a shared block cut in the middle a copy is made.
   *
   * @throws KvCacheFullException if there is no room for the copy; nothing has changed
   */
  void truncate(int length);

  /**
   * As {@link BlockManager#retain}, for the tokens {@code [fromToken, toToken)} reserved so far.
   */
  void retain(int fromToken, int toToken, int priority, Duration atMost);

  /** Closes and says what is known of the session's future. */
  void close(ReuseHint hint);
}
