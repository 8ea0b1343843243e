package org.kvcache;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a sequence holds, for the listeners of {@link KvEvent.BlockStored}; the manager itself works
 * on keys alone.
 *
 * @param tokens the tokens of the sequence from the first on; read during the call, not kept
 * @param loraName the adapter, if any
 * @param extraKeys the extra keys by block; may be shorter than the sequence or empty
 * @param group the KV cache group of a hybrid model, 0 otherwise
 */
public record SequenceContent(
    int[] tokens, @Nullable String loraName, List<ExtraKeys> extraKeys, int group) {

  /** Checks for nulls. */
  public SequenceContent {
    Objects.requireNonNull(tokens);
    extraKeys = List.copyOf(extraKeys);
  }

  /** Plain tokens. */
  public static SequenceContent of(int[] tokens) {
    return new SequenceContent(tokens, null, List.of(), 0);
  }
}
