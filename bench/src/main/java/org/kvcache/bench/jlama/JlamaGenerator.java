package org.kvcache.bench.jlama;

import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.safetensors.prompt.PromptContext;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import com.github.tjake.jlama.tensor.SequenceKvBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;
import org.kvcache.SequenceOptions;

/**
 * A generate loop for Jlama that shares prefixes: it begins behind what the cache holds of the
 * prompt, and commits what it computes. Greedy. One thread at a time, as Jlama's model.
 */
public final class JlamaGenerator {

  private final AbstractModel model;
  private final KvCache cache;
  private final KvBufferCache owner;

  /**
   * Generates with a model over a cache.
   *
   * @throws IllegalArgumentException if the cache was opened for another shape, or the model does
   *     not work in F32
   */
  public JlamaGenerator(AbstractModel model, KvCache cache) {
    JlamaCache.check(model, cache);
    this.model = model;
    this.cache = cache;
    owner = new KvBufferCache(model);
  }

  /**
   * What came of a prompt.
   *
   * @param text the answer
   * @param promptTokens tokens of the prompt
   * @param cachedTokens of these, found in the cache
   */
  public record Answer(String text, int promptTokens, int cachedTokens) {}

  /**
   * Answers a prompt with at most {@code limit} tokens, fewer where the model's context ends.
   *
   * @throws IllegalArgumentException if the prompt is longer than the context
   */
  public Answer generate(PromptContext prompt, int limit, SequenceOptions options) {
    int[] encoded = model.encodePrompt(prompt);
    int context = model.getConfig().contextLength;
    if (encoded.length > context) {
      throw new IllegalArgumentException(
          "the prompt has %d tokens, the model's context %d; shorten the prompt"
              .formatted(encoded.length, context));
    }
    int[] tokens = Arrays.copyOf(encoded, Math.min(encoded.length + limit, context));
    int length = encoded.length;
    var text = new StringBuilder();
    try (KvSequence sequence = cache.begin(encoded, options);
        AbstractTensor<?, ?> logits = model.makeDenseTensor(model.getConfig().vocabularySize)) {
      int cached = sequence.matched();
      // Commits are this loop's own, since it knows the tokens.
      var buffer =
          new SequenceKvBuffer(
              owner, UUID.randomUUID(), sequence, cache.config().shape(), position -> {});
      int next;
      try (AbstractTensor<?, ?> rows =
          model.batchForward(Arrays.copyOfRange(tokens, cached, length), cached, buffer)) {
        buffer.flush();
        sequence.commit(tokens, cached, length - cached);
        next = model.sample(rows.slice(rows.shape().first() - 1), 0, 0, logits);
      }
      while (length < tokens.length && !model.getConfig().eosTokens.contains(next)) {
        tokens[length] = next;
        if (!model.getTokenizer().getModel().isSpecialToken(next)) {
          text.append(model.getTokenizer().decode(next));
        }
        length++;
        if (length == tokens.length) {
          break;
        }
        try (AbstractTensor<?, ?> row = model.forward(next, length - 1, buffer, Optional.empty())) {
          buffer.flush();
          sequence.commit(tokens, length - 1, 1);
          next = model.sample(row, 0, 0, logits);
        }
      }
      return new Answer(text.toString(), encoded.length, cached);
    }
  }
}
