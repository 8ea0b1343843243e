package org.kvcache.bench.herald;

import java.util.List;
import org.kvcache.bench.diffusion.BlockKv;
import org.kvcache.bench.diffusion.BlockKv.OpenBlock;
import org.kvcache.bench.diffusion.LookUpTask;

/**
 * A task with K and V of its prompt, computed once, so that every trial begins where the answer
 * does. Immutable, for any number of threads.
 *
 * @param keys by block, then layer: rows of {@code kvDim}
 * @param values the same
 */
record PromptKv(LookUpTask task, List<float[][]> keys, List<float[][]> values) {

  PromptKv {
    keys = List.copyOf(keys);
    values = List.copyOf(values);
  }

  /** Commits what is missing of the prompt. */
  void fill(BlockKv kv) {
    int[] prompt = task.promptTokens();
    int[] tokens = new int[LookUpTask.BLOCK];
    while (kv.length() < prompt.length) {
      int start = kv.length();
      float[][] k = keys.get(start / tokens.length);
      float[][] v = values.get(start / tokens.length);
      System.arraycopy(prompt, start, tokens, 0, tokens.length);
      try (OpenBlock block = kv.beginPrompt(tokens.length)) {
        for (int layer = 0; layer < k.length; layer++) {
          block.write(layer, k[layer], v[layer]);
        }
        block.commit(tokens);
      }
    }
  }
}
