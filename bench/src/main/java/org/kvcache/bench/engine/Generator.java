package org.kvcache.bench.engine;

import java.util.Arrays;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;
import org.kvcache.SequenceOptions;

/**
 * The generate loop, the third of the three places, once over flat arrays and once over a cache.
 * Greedy. Belongs to one thread.
 */
public final class Generator {

  /** Tokens of a prompt that are computed together. */
  static final int CHUNK = 64;

  private final Decoder decoder;
  private final int endToken;
  private final float[] logits;

  /** Generates with a decoder until {@code endToken} or a limit. */
  public Generator(Decoder decoder, int endToken) {
    this.decoder = decoder;
    this.endToken = endToken;
    logits = new float[decoder.config().vocabulary()];
  }

  /** As engines without a cache do: the whole prompt, every time. */
  public Generation generate(int[] prompt, int limit) {
    return generate(prompt, limit, new FloatKv(decoder.config(), prompt.length + limit));
  }

  private Generation generate(int[] prompt, int limit, FloatKv kv) {
    long start = System.nanoTime();
    int[] tokens = Arrays.copyOf(prompt, prompt.length + limit);
    int length = prompt.length;
    for (int at = 0; at < length; at += CHUNK) {
      decoder.forward(tokens, at, Math.min(CHUNK, length - at), at, kv, logits);
    }
    long first = System.nanoTime() - start;
    while (length < tokens.length) {
      tokens[length] = greatest(logits);
      length++;
      if (tokens[length - 1] == endToken || length == tokens.length) {
        break;
      }
      decoder.forward(tokens, length - 1, 1, length - 1, kv, logits);
    }
    return new Generation(Arrays.copyOf(tokens, length), prompt.length, 0, first);
  }

  /** The same over a cache: begins behind what is stored, and commits what it has computed. */
  public Generation generate(KvCache cache, int[] prompt, int limit, SequenceOptions options) {
    long start = System.nanoTime();
    int[] tokens = Arrays.copyOf(prompt, prompt.length + limit);
    int length = prompt.length;
    try (KvSequence sequence = cache.begin(prompt, options)) {
      var kv = new CachedKv(sequence);
      int cached = sequence.matched();
      for (int at = cached; at < length; ) {
        int count = Math.min(CHUNK, length - at);
        decoder.forward(tokens, at, count, at, kv, logits);
        sequence.commit(tokens, at, count);
        at += count;
      }
      long first = System.nanoTime() - start;
      while (length < tokens.length) {
        tokens[length] = greatest(logits);
        length++;
        if (tokens[length - 1] == endToken || length == tokens.length) {
          break;
        }
        decoder.forward(tokens, length - 1, 1, length - 1, kv, logits);
        sequence.commit(tokens, length - 1, 1);
      }
      return new Generation(Arrays.copyOf(tokens, length), prompt.length, cached, first);
    }
  }

  /** The likeliest token, the lowest of equals. */
  static int greatest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }
}
