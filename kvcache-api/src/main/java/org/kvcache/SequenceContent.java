package org.kvcache;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a sequence holds, for the listeners of {@link KvEvent.BlockStored}; the manager itself works
 * on keys alone. It refers to the caller's tokens and is read during the call only.
 */
public final class SequenceContent {

  private final int[] tokens;
  private final @Nullable String loraName;
  private final List<ExtraKeys> extraKeys;
  private final int group;

  /**
   * The content of one sequence.
   *
   * @param tokens the tokens from the first on
   * @param loraName the adapter, if any
   * @param extraKeys the extra keys by block; may be shorter than the sequence or empty
   * @param group the KV cache group of a hybrid model, 0 otherwise
   */
  public SequenceContent(
      int[] tokens, @Nullable String loraName, List<ExtraKeys> extraKeys, int group) {
    this.tokens = tokens;
    this.loraName = loraName;
    this.extraKeys = List.copyOf(extraKeys);
    this.group = group;
  }

  /** Plain tokens. */
  public static SequenceContent of(int[] tokens) {
    return new SequenceContent(tokens, null, List.of(), 0);
  }

  /** The tokens in {@code [from, to)}, as far as there are any. */
  public List<Integer> tokens(int from, int to) {
    var list = new ArrayList<Integer>();
    for (int i = from; i < Math.min(to, tokens.length); i++) {
      list.add(tokens[i]);
    }
    return list;
  }

  /** The adapter, if any. */
  public @Nullable String loraName() {
    return loraName;
  }

  /** The extra keys of the blocks in {@code [from, to)}, as far as they were given. */
  public List<ExtraKeys> extraKeys(int from, int to) {
    return extraKeys.subList(Math.min(from, extraKeys.size()), Math.min(to, extraKeys.size()));
  }

  /** The KV cache group. */
  public int group() {
    return group;
  }
}
