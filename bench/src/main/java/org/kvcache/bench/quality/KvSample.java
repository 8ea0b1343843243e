package org.kvcache.bench.quality;

/** K, V and queries of one head. The arrays are shared, not copied: nobody writes to them. */
final class KvSample {
  private final int headDim;
  private final float[] keys;
  private final float[] values;
  private final float[] queries;

  /**
   * Takes the arrays.
   *
   * @param headDim elements of a row
   * @param keys rows of K, as attention sees them, after any rotary embedding
   * @param values rows of V, as many as of K
   * @param queries rows of Q, which attend to all of K
   */
  KvSample(int headDim, float[] keys, float[] values, float[] queries) {
    this.headDim = headDim;
    this.keys = keys;
    this.values = values;
    this.queries = queries;
  }

  int headDim() {
    return headDim;
  }

  float[] keys() {
    return keys;
  }

  float[] values() {
    return values;
  }

  float[] queries() {
    return queries;
  }

  int tokens() {
    return keys.length / headDim;
  }

  int queryCount() {
    return queries.length / headDim;
  }

  /** The same with all queries multiplied. */
  KvSample withQueriesTimes(double factor) {
    float[] scaled = new float[queries.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (queries[i] * factor);
    }
    return new KvSample(headDim, keys, values, scaled);
  }
}
