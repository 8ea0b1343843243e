package org.kvcache.bench.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;
import org.kvcache.SequenceOptions;

/**
 * Continuous batching: many sequences on one cache. Each round computes a chunk of one prompt and a
 * token of every sequence that is past its prompt. A request waits until the cache has room for its
 * prompt; when a running one finds no room for its next token, the youngest gives way, and begins
 * again later behind what is still cached of it. One thread.
 */
final class Scheduler {

  private final Decoder decoder;
  private final KvCache cache;
  private final int endToken;
  private final float[] logits;
  private final Deque<Running> waiting = new ArrayDeque<>();
  private final List<Running> running = new ArrayList<>();
  private int preemptions;

  // The first one waiting found no room, and nothing was given back since.
  private boolean full;

  /** Serves with a decoder over a cache. */
  Scheduler(Decoder decoder, KvCache cache, int endToken) {
    this.decoder = decoder;
    this.cache = cache;
    this.endToken = endToken;
    logits = new float[decoder.config().vocabulary()];
  }

  private static final class Running {
    final SequenceOptions options;
    final int promptTokens;
    final long submitted = System.nanoTime();
    int[] tokens;
    int length; // prompt and what was generated
    int cached = -1;
    long firstTokenNanos;
    @Nullable KvSequence sequence;

    Running(int[] prompt, int limit, SequenceOptions options) {
      this.options = options;
      promptTokens = prompt.length;
      tokens = Arrays.copyOf(prompt, prompt.length + limit);
      length = prompt.length;
    }

    int[] known() {
      return Arrays.copyOf(tokens, length);
    }

    KvSequence open() {
      KvSequence open = sequence;
      if (open == null) {
        throw new IllegalStateException("not running");
      }
      return open;
    }

    boolean isInPrompt() {
      return open().length() < length - 1;
    }
  }

  /** What is to come of a request. */
  final class Ticket {
    private final Running of;

    private Ticket(Running of) {
      this.of = of;
    }

    /** Runs until this request is done. */
    Generation await() {
      while (waiting.contains(of) || running.contains(of)) {
        round();
      }
      return new Generation(of.known(), of.promptTokens, of.cached, of.firstTokenNanos);
    }
  }

  /**
   * Queues a prompt.
   *
   * @throws IllegalArgumentException if there is nothing to compute
   */
  Ticket submit(int[] prompt, int limit, SequenceOptions options) {
    if (prompt.length < 1 || limit < 1) {
      throw new IllegalArgumentException(
          "a prompt of %d tokens and an answer of %d; at least 1 of each is needed"
              .formatted(prompt.length, limit));
    }
    var request = new Running(prompt, limit, options);
    waiting.addLast(request);
    return new Ticket(request);
  }

  /** Sequences that had to give way. */
  int preemptions() {
    return preemptions;
  }

  private void round() {
    admit();
    boolean prefilled = false;
    for (Running request : List.copyOf(running)) {
      if (!running.contains(request)) {
        continue; // gave way in this round
      }
      if (!request.isInPrompt()) {
        decode(request);
      } else if (!prefilled) {
        prefilled = true;
        prefill(request);
      }
    }
  }

  private void admit() {
    while (!full && !waiting.isEmpty()) {
      Running request = waiting.getFirst();
      KvSequence sequence = cache.begin(request.known(), request.options);
      if (!sequence.tryReserve(request.length - sequence.matched())) {
        sequence.close();
        if (running.isEmpty()) {
          throw new IllegalStateException(
              "a prompt of " + request.length + " tokens does not fit into the cache");
        }
        full = true;
        return;
      }
      waiting.removeFirst();
      request.sequence = sequence;
      request.cached = request.cached < 0 ? sequence.matched() : request.cached;
      running.add(request);
    }
  }

  private void prefill(Running request) {
    KvSequence sequence = request.open();
    int at = sequence.length();
    // The last token is left for decode(), which wants its logits.
    compute(request, at, Math.min(Generator.CHUNK, request.length - 1 - at));
  }

  private void decode(Running request) {
    if (!reserve(request)) {
      return;
    }
    compute(request, request.length - 1, 1);
    request.tokens[request.length] = Generator.greatest(logits);
    request.length++;
    if (request.firstTokenNanos == 0) {
      request.firstTokenNanos = System.nanoTime() - request.submitted;
    }
    boolean ended = request.tokens[request.length - 1] == endToken;
    if (ended || request.length == request.tokens.length) {
      request.open().close();
      running.remove(request);
      full = false;
    }
  }

  private void compute(Running request, int at, int count) {
    KvSequence sequence = request.open();
    decoder.forward(request.tokens, at, count, at, new CachedKv(sequence), logits);
    sequence.commit(request.tokens, at, count);
  }

  /** Room for one more token; the youngest sequences give way for it, at last this one. */
  private boolean reserve(Running request) {
    while (!request.open().tryReserve(1)) {
      Running youngest = running.removeLast();
      youngest.open().close();
      full = false;
      youngest.sequence = null;
      waiting.addFirst(youngest);
      preemptions++;
      if (youngest == request) {
        return false;
      }
    }
    return true;
  }
}
