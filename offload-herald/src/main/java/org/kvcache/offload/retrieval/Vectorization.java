package org.kvcache.offload.retrieval;

import java.util.Locale;
import java.util.function.Supplier;

/**
 * Decides once which {@link ScoreLoops} this process uses, by the same property as the codecs:
 * {@code -Dkvcache.vectorization=scalar|vector|auto}. The codecs say why when the Vector API is
 * missing.
 */
final class Vectorization {

  private static final Supplier<ScoreLoops> LOOPS =
      choose(System.getProperty("kvcache.vectorization", "auto").toLowerCase(Locale.ROOT));

  private Vectorization() {}

  /** New loops, for one thread. */
  static ScoreLoops loops() {
    return LOOPS.get();
  }

  private static Supplier<ScoreLoops> choose(String wish) {
    boolean readable = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    if (wish.equals("scalar") || !readable) {
      return ScalarScoreLoops::new;
    }
    try {
      VectorScoreLoops.check();
      return VectorScoreLoops::new;
    } catch (UnsupportedOperationException | LinkageError e) {
      return ScalarScoreLoops::new;
    }
  }
}
