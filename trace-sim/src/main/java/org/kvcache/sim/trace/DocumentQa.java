package org.kvcache.sim.trace;

import java.util.Arrays;

/**
 * Questions about documents: a request is a shared system prompt, one document, and a question of
 * its own. Documents fill whole blocks, of log-normal number; arrivals are a Poisson process.
 */
final class DocumentQa implements Workload {
  /** How the next document is chosen. */
  enum Mode {
    /** Each document equally likely, independent of what came before. */
    RANDOM,
    /** All documents in turn, again and again. */
    TILE,
    /** Each document several times on end before the next. */
    INTERLEAVE,
    /** By Zipf's law over the documents. */
    ZIPF,
    /** From a small hot set, or else a document never seen again. */
    HOT,
    /** By Zipf's law, whose ranks move on to other documents every so many requests. */
    SHIFT
  }

  private static final long UNMADE = -1;

  private final Mode mode;
  private final int documents;
  private final int requests;
  private final int hot;
  private final double hotShare;
  private final int shift;
  private final double tokens;
  private final double spread;
  private final int systemBlocks;
  private final int questionBlocks;
  private final boolean partial;
  private final double output;
  private final double rate;
  private final int blockTokens;

  private final Draws draws;
  private final IdSource ids;
  private final Zipf zipf;
  private final long systemStart;
  private final long[] start;
  private final int[] blocks;
  private int made;
  private double timeMillis;

  DocumentQa(Parameters parameters, Draws draws, IdSource ids) {
    mode = parameters.choice("mode", Mode.ZIPF);
    documents = parameters.whole("documents", 500, 1, 100_000_000);
    requests = parameters.whole("requests", 8000, 1, Integer.MAX_VALUE);
    double alpha = parameters.real("alpha", 0.8, 0, 10);
    hot = parameters.whole("hot", 40, 1, 100_000_000);
    hotShare = parameters.real("hot-share", 0.5, 0, 1);
    shift = parameters.whole("shift", 1000, 1, Integer.MAX_VALUE);
    tokens = parameters.real("tokens", 20_480, 1, 1e8);
    spread = parameters.real("spread", 0.25, 0, 3);
    int system = parameters.whole("system", 512, 0, 1 << 24);
    questionBlocks = parameters.whole("question-blocks", 1, 1, 1000);
    partial = parameters.flag("partial", false);
    output = parameters.real("output", 130, 1, 1e6);
    rate = parameters.real("rate", 3.3, 1e-6, 1e6);
    blockTokens = parameters.whole("block", 512, 1, 1 << 20);
    this.draws = draws;
    this.ids = ids;
    systemBlocks = (system + blockTokens - 1) / blockTokens;
    systemStart = ids.reserve(systemBlocks);
    int kept = (mode == Mode.HOT) ? hot : documents;
    zipf = new Zipf(mode == Mode.ZIPF || mode == Mode.SHIFT ? documents : 1, alpha);
    start = new long[kept];
    blocks = new int[kept];
    Arrays.fill(start, UNMADE);
  }

  @Override
  public boolean next(Request into) {
    if (made == requests) {
      return false;
    }
    timeMillis += draws.exponential(1e3 / rate);
    into.clear();
    into.addRun(systemStart, systemBlocks);
    addDocument(into);
    made++;
    int question = (questionBlocks == 1) ? 1 : draws.between(1, questionBlocks);
    into.addRun(ids.reserve(question), question);
    into.timeMillis = Math.rint(timeMillis);
    int missing = partial ? draws.below(blockTokens) : 0;
    into.inputTokens = (int) Math.min(Integer.MAX_VALUE, (long) into.count * blockTokens - missing);
    into.outputTokens = draws.tokens(output, 0.5);
    return true;
  }

  @Override
  public int blockTokens() {
    return blockTokens;
  }

  private void addDocument(Request into) {
    int document = choose();
    if (document < 0) {
      int length = length();
      into.addRun(ids.reserve(length), length);
      return;
    }
    if (start[document] == UNMADE) {
      blocks[document] = length();
      start[document] = ids.reserve(blocks[document]);
    }
    into.addRun(start[document], blocks[document]);
  }

  /** The number of the document, or -1 for one never seen again. */
  private int choose() {
    return switch (mode) {
      case RANDOM -> draws.below(documents);
      case TILE -> made % documents;
      case INTERLEAVE -> (int) ((long) made * documents / requests);
      case ZIPF -> zipf.draw(draws);
      case HOT -> draws.chance(hotShare) ? draws.below(hot) : -1;
      case SHIFT -> {
        long moved = (long) (made / shift) * Math.max(1, documents / 5);
        yield (int) ((zipf.draw(draws) + moved) % documents);
      }
    };
  }

  private int length() {
    return Math.min(Request.MAX_IDS / 2, (draws.tokens(tokens, spread) - 1) / blockTokens + 1);
  }
}
