package org.kvcache;

import java.util.Objects;

/** A chain that writes each block as a message and hashes it. */
final class MessageKeyChain implements KeyChain {

  private static final int MAX_BLOCK_TOKENS = 1 << 24;

  private final BlockMessage message;
  private final BlockDigest function;
  private final byte[] root;
  private final byte[] last;
  private final ByteSink sink = new ByteSink();
  private int blocks;

  MessageKeyChain(BlockMessage message, BlockDigest function) {
    this.message = message;
    this.function = function;
    byte[] start = message.root();
    root = new byte[function.bytes()];
    function.digest(start, start.length, root);
    last = root.clone();
  }

  private MessageKeyChain(MessageKeyChain other) {
    message = other.message;
    function = other.function.fresh();
    root = other.root;
    last = other.last.clone();
    blocks = other.blocks;
  }

  @Override
  public void append(int[] tokens, int offset, int blockTokens, ExtraKeys extras, BlockKeys into) {
    checkBlockTokens(blockTokens);
    checkRange(tokens, offset, blockTokens);
    hash(tokens, offset, blockTokens, extras, into);
  }

  @Override
  public int appendFullBlocks(
      int[] tokens, int offset, int count, int blockTokens, ExtraKeys extras, BlockKeys into) {
    checkBlockTokens(blockTokens);
    checkRange(tokens, offset, count);
    int full = count / blockTokens;
    into.ensureCapacity(into.size() + full);
    for (int block = 0; block < full; block++) {
      hash(tokens, offset + block * blockTokens, blockTokens, extras, into);
    }
    return full;
  }

  private void hash(int[] tokens, int offset, int blockTokens, ExtraKeys extras, BlockKeys into) {
    sink.clear();
    message.write(sink, last, blocks == 0, tokens, offset, blockTokens, extras);
    function.digest(sink.array(), sink.length(), last);
    int key = last.length - 2 * Long.BYTES;
    into.add(ByteSink.getLong(last, key), ByteSink.getLong(last, key + Long.BYTES));
    blocks++;
  }

  @Override
  public int blocks() {
    return blocks;
  }

  @Override
  public void reset() {
    System.arraycopy(root, 0, last, 0, last.length);
    blocks = 0;
  }

  @Override
  public KeyChain copy() {
    return new MessageKeyChain(this);
  }

  @Override
  public int digestBytes() {
    return last.length;
  }

  @Override
  public void copyDigest(byte[] into, int offset) {
    Objects.checkFromIndexSize(offset, last.length, into.length);
    System.arraycopy(last, 0, into, offset, last.length);
  }

  @Override
  public void resume(byte[] digest, int offset, int blocks) {
    if (blocks < 0) {
      throw new IllegalArgumentException("blocks is negative: " + blocks);
    }
    Objects.checkFromIndexSize(offset, last.length, digest.length);
    System.arraycopy(digest, offset, last, 0, last.length);
    this.blocks = blocks;
  }

  private static void checkBlockTokens(int blockTokens) {
    if (blockTokens < 1 || blockTokens > MAX_BLOCK_TOKENS) {
      throw new IllegalArgumentException(
          "A block has 1 to " + MAX_BLOCK_TOKENS + " tokens, not " + blockTokens);
    }
  }

  private static void checkRange(int[] tokens, int offset, int count) {
    if (offset < 0 || count < 0 || count > tokens.length - offset) {
      throw new IndexOutOfBoundsException(
          count + " tokens from " + offset + " are not within an array of " + tokens.length);
    }
  }
}
