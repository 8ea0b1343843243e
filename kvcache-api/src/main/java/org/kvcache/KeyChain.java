package org.kvcache;

/**
 * The running block-key hash of one sequence: append full blocks in order, read a key for each.
 *
 * <p>Each block is hashed together with the digest of the block before it, so a key stands for the
 * whole prefix. After the buffers have grown to the block size in use, appending allocates nothing.
 *
 * <p>One thread at a time; reusable after {@link #reset}. If a method throws for its arguments, the
 * chain is as it was.
 */
public interface KeyChain {

  /**
   * Appends one full block without extra keys.
   *
   * @see #append(int[], int, int, ExtraKeys, BlockKeys)
   */
  default void append(int[] tokens, int offset, int blockTokens, BlockKeys into) {
    append(tokens, offset, blockTokens, ExtraKeys.NONE, into);
  }

  /**
   * Appends one full block and adds its key to a list.
   *
   * @param tokens token ids; {@code blockTokens} of them are read from {@code offset}
   * @param offset index of the first token of the block
   * @param blockTokens tokens of a block, from 1 to 2<sup>24</sup>
   * @param extras what the block depends on beside its tokens
   * @param into receives the key
   * @throws IllegalArgumentException if {@code blockTokens} is out of range
   * @throws IndexOutOfBoundsException if the block is not within {@code tokens}
   */
  void append(int[] tokens, int offset, int blockTokens, ExtraKeys extras, BlockKeys into);

  /**
   * Appends all full blocks of a range without extra keys; tokens behind the last full block are
   * left out.
   *
   * @see #appendFullBlocks(int[], int, int, int, ExtraKeys, BlockKeys)
   */
  default int appendFullBlocks(
      int[] tokens, int offset, int count, int blockTokens, BlockKeys into) {
    return appendFullBlocks(tokens, offset, count, blockTokens, ExtraKeys.NONE, into);
  }

  /**
   * Appends all full blocks of a range and adds their keys to a list; tokens behind the last full
   * block are left out.
   *
   * @param tokens token ids
   * @param offset index of the first token
   * @param count number of tokens, not necessarily whole blocks
   * @param blockTokens tokens of a block, from 1 to 2<sup>24</sup>
   * @param extras the extra keys of each of these blocks, for instance a LoRA name
   * @param into receives the keys
   * @return number of blocks appended, {@code count / blockTokens}
   * @throws IllegalArgumentException if {@code blockTokens} is out of range
   * @throws IndexOutOfBoundsException if the range is not within {@code tokens}
   */
  int appendFullBlocks(
      int[] tokens, int offset, int count, int blockTokens, ExtraKeys extras, BlockKeys into);

  /** Returns the number of blocks appended since the start of the sequence. */
  int blocks();

  /** Goes back to the start of a sequence, for reuse. */
  void reset();

  /** Returns an independent chain in the same state, for a fork or to go back to later. */
  KeyChain copy();

  /** Returns the length of a digest in bytes: 32 for SHA-256, 16 for {@code xxh3}. */
  int digestBytes();

  /**
   * Returns the full digest of the last block, or the root digest before the first block. The last
   * 16 bytes are the block key.
   */
  default byte[] digest() {
    byte[] digest = new byte[digestBytes()];
    copyDigest(digest, 0);
    return digest;
  }

  /**
   * Writes the digest of {@link #digest} into an array.
   *
   * @param into receives {@link #digestBytes} bytes
   * @param offset index of the first of them
   * @throws IndexOutOfBoundsException if the digest does not fit
   */
  void copyDigest(byte[] into, int offset);

  /**
   * Continues behind a block whose digest is known: after speculative decoding, to go back to a
   * digest saved by {@link #copyDigest}; in a router, to go on from the parent hash of an event.
   *
   * <p>The digest must come from a chain of the same hasher and key space; this cannot be checked.
   *
   * @param digest holds {@link #digestBytes} bytes
   * @param offset index of the first of them
   * @param blocks number of blocks up to and with the one of the digest; 0 for a root digest
   * @throws IllegalArgumentException if {@code blocks} is negative
   * @throws IndexOutOfBoundsException if the array is too short
   */
  void resume(byte[] digest, int offset, int blocks);
}
