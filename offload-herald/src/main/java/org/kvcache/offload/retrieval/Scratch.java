package org.kvcache.offload.retrieval;

/**
 * What a choice needs until it is made, kept for the next one by each thread: there are many more
 * selectors than threads that choose.
 */
final class Scratch {

  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  private float[] queries = new float[0];
  private float[] logits = new float[0];
  private float[] sums = new float[0];
  private float[] maxima = new float[0];

  private Scratch() {}

  static Scratch get() {
    return OF_THREAD.get();
  }

  /** Queries that are asked. */
  float[] queries(int count) {
    if (queries.length < count) {
      queries = new float[count];
    }
    return queries;
  }

  /** Logits, then weights, of a tile. */
  float[] logits(int count) {
    if (logits.length < count) {
      logits = new float[count];
    }
    return logits;
  }

  /** Sums of the weights of each page for each query, under the maximum of the time. */
  float[] sums(int count) {
    if (sums.length < count) {
      sums = new float[count + count / 4];
    }
    return sums;
  }

  /** The greatest logit up to the end of each tile for each query. */
  float[] maxima(int count) {
    if (maxima.length < count) {
      maxima = new float[count + count / 4];
    }
    return maxima;
  }
}
