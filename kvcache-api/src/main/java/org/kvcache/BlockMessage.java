package org.kvcache;

/** How one block becomes the bytes that are hashed. Immutable, made for one key space. */
sealed interface BlockMessage permits FramedMessage, VllmMessage {

  /** Returns the bytes whose digest is the parent of the first block. */
  byte[] root();

  /**
   * Writes the message of a block.
   *
   * @param sink empty
   * @param parent digest of the block before, or of {@link #root}
   * @param first whether this is the first block of a sequence
   * @param tokens token ids, of which {@code count} from {@code offset} are the block
   */
  void write(
      ByteSink sink,
      byte[] parent,
      boolean first,
      int[] tokens,
      int offset,
      int count,
      ExtraKeys extras);
}
