package org.kvcache.offload.retrieval;

/** Asks every query. */
record AllQueries(int tokenFloats) implements QueryChoice {

  @Override
  public int ask(float[] q, int offset, int stride, int tokens, float[] asked) {
    for (int t = 0; t < tokens; t++) {
      System.arraycopy(q, offset + t * stride, asked, t * tokenFloats, tokenFloats);
    }
    return tokens;
  }
}
