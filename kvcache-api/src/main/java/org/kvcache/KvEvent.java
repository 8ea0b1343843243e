package org.kvcache;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change of what is cached, with the names and fields of vLLM's KV cache events ({@code
 * vllm/distributed/kv_events.py}) and a sequence number without gaps. A key is stored at most once
 * before it is removed.
 */
public sealed interface KvEvent {

  /** The number of this event: 1, 2, 3 and so on for each manager. */
  long sequence();

  /**
   * Blocks became shareable.
   *
   * @param blockKeys the keys in chain order; vLLM's integer hash is {@link BlockKey#lo}
   * @param parentKey the block before the first of them, null if that begins the sequence
   * @param tokenIds the tokens of the blocks; empty if the engine did not give them
   * @param blockTokens tokens of a block: vLLM's {@code block_size}
   * @param loraName the adapter they were computed with, if the engine told
   * @param medium where they are
   * @param extraKeys what entered each block's key beside the tokens; empty if the engine did not
   *     say
   * @param group vLLM's {@code group_idx}: which KV cache group of a hybrid model
   */
  record BlockStored(
      long sequence,
      List<BlockKey> blockKeys,
      @Nullable BlockKey parentKey,
      List<Integer> tokenIds,
      int blockTokens,
      @Nullable String loraName,
      String medium,
      List<ExtraKeys> extraKeys,
      int group)
      implements KvEvent {

    /** Copies the lists. */
    public BlockStored {
      blockKeys = List.copyOf(blockKeys);
      tokenIds = List.copyOf(tokenIds);
      extraKeys = List.copyOf(extraKeys);
    }
  }

  /** Blocks are no longer cached. */
  record BlockRemoved(long sequence, List<BlockKey> blockKeys, String medium) implements KvEvent {

    /** Copies the list. */
    public BlockRemoved {
      blockKeys = List.copyOf(blockKeys);
    }
  }

  /** Nothing is cached any more. */
  record AllBlocksCleared(long sequence) implements KvEvent {}
}
