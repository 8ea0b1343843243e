package org.kvcache.cache;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockHasher;
import org.kvcache.BlockKeys;
import org.kvcache.ExtraKeys;
import org.kvcache.KeyChain;
import org.kvcache.KeySpace;
import org.kvcache.SequenceOptions;

/**
 * The tokens of one sequence, the keys of its full blocks, and the digest behind each, so that the
 * chain can go back to any block. One thread.
 */
final class SequenceKeys {

  private final BlockHasher hasher;
  private final KeySpace space;
  private final SequenceOptions options;
  private final int blockTokens;
  private final @Nullable ExtraKeys extras; // of every block; null if they differ
  private final BlockKeys keys;
  private int[] tokens;
  private int tokenCount;
  private byte[] digests = {};
  private boolean digestsShared; // with a sequence of the memo: copied before they are written
  private @Nullable KeyChain chain; // made when the first key must be computed
  private int digestBytes;

  SequenceKeys(BlockHasher hasher, KeySpace space, SequenceOptions options, int blockTokens) {
    this.hasher = hasher;
    this.space = space;
    this.options = options;
    this.blockTokens = blockTokens;
    extras = options.images().isEmpty() ? options.extraKeys(0, blockTokens) : null;
    keys = new BlockKeys(0);
    tokens = new int[0];
  }

  /** An independent copy of the first {@code length} tokens and of what is known of them. */
  SequenceKeys copy(int length) {
    var copy = new SequenceKeys(hasher, space, options, blockTokens);
    int blocks = Math.min(keys.size(), length / blockTokens);
    copy.tokens = Arrays.copyOf(tokens, length + length / 2 + blockTokens);
    copy.tokenCount = length;
    copy.keys.copyFrom(keys);
    copy.keys.truncate(blocks);
    copy.digestBytes = digestBytes;
    copy.digests = Arrays.copyOf(digests, blocks * digestBytes);
    return copy;
  }

  /** Takes a prompt, its keys as far as {@code memo} knows them. */
  void begin(int[] prompt, @Nullable KeyMemo memo) {
    tokens = Arrays.copyOf(prompt, prompt.length + Math.max(blockTokens, prompt.length / 8));
    tokenCount = prompt.length;
    int full = fullBlocks();
    keys.ensureCapacity(full + 1);
    SequenceKeys known = memo == null ? null : memo.longest(this);
    if (known != null) {
      int blocks = commonBlocks(known);
      keys.copyFrom(known.keys);
      keys.truncate(blocks);
      digestBytes = known.digestBytes;
      digests = known.digests;
      digestsShared = true;
    }
    extend(full);
  }

  /** Full blocks of its tokens. */
  int fullBlocks() {
    return tokenCount / blockTokens;
  }

  /** Leading full blocks of this sequence's tokens that {@code other} has the keys of. */
  int commonBlocks(SequenceKeys other) {
    if (!space.equals(other.space)
        || !Objects.equals(options.loraName(), other.options.loraName())
        || !options.images().equals(other.options.images())) {
      return 0;
    }
    int most = Math.min(tokenCount, other.keys.size() * blockTokens);
    int same = Arrays.mismatch(tokens, 0, most, other.tokens, 0, most);
    return (same < 0 ? most : same) / blockTokens;
  }

  BlockKeys keys() {
    return keys;
  }

  SequenceOptions options() {
    return options;
  }

  int[] tokens() {
    return tokens;
  }

  int tokenCount() {
    return tokenCount;
  }

  void add(int token) {
    if (tokenCount == tokens.length) {
      tokens = Arrays.copyOf(tokens, tokenCount + Math.max(blockTokens, tokenCount / 2));
    }
    tokens[tokenCount++] = token;
  }

  /** Computes keys until there are {@code blocks}. */
  void extend(int blocks) {
    if (blocks <= keys.size()) {
      return;
    }
    KeyChain current = chain();
    if (digestsShared || (long) blocks * digestBytes > digests.length) {
      int room = Math.max(blocks, keys.size() + keys.size() / 2);
      digests = Arrays.copyOf(digests, room * digestBytes);
      digestsShared = false;
    }
    while (keys.size() < blocks) {
      int from = keys.size() * blockTokens;
      current.append(tokens, from, blockTokens, extraKeys(keys.size()), keys);
      current.copyDigest(digests, (keys.size() - 1) * digestBytes);
    }
  }

  /** What the key of a block depends on beside its tokens. */
  ExtraKeys extraKeys(int block) {
    int from = block * blockTokens;
    return extras == null ? options.extraKeys(from, from + blockTokens) : extras;
  }

  private KeyChain chain() {
    KeyChain current = chain;
    if (current == null) {
      current = hasher.chain(space);
      digestBytes = current.digestBytes();
      chain = current;
    }
    if (current.blocks() != keys.size()) {
      if (keys.isEmpty()) {
        current.reset();
      } else {
        current.resume(digests, (keys.size() - 1) * digestBytes, keys.size());
      }
    }
    return current;
  }

  /** Forgets the tokens from {@code length} on. */
  void truncate(int length) {
    tokenCount = Math.min(tokenCount, length);
    keys.truncate(Math.min(keys.size(), length / blockTokens));
  }
}
