package org.kvcache.offload.retrieval;

/** Decides which queries of a block are asked. Belongs to one thread. */
interface QueryChoice {

  /**
   * Packs the queries to ask.
   *
   * @param q queries of the block: those of token {@code t} from {@code offset + t * stride} on
   * @param tokens tokens of the block
   * @param asked receives queries, those of one token after those of another; has room for all
   * @return of how many tokens
   */
  int ask(float[] q, int offset, int stride, int tokens, float[] asked);
}
