package org.kvcache.offload.retrieval;

import java.util.Arrays;

/**
 * Asks the queries of the token at the centre, then again and again those of the token that is
 * least like all that are asked (farthest-point picks, Gonzalez 1985), until there are enough of
 * them or each of the rest is alike enough to one. A token's queries are compared by the cosine of
 * those of all heads together; of equal ones the first is taken.
 */
final class DiverseQueries implements QueryChoice {

  private final int tokenFloats;
  private final int most;
  private final double alike;
  private final ScoreLoops loops;
  private double[] lengths = new double[0];
  private double[] nearest = new double[0];

  /**
   * @param tokenFloats floats of the queries of a token
   * @param most tokens to ask; 0 for all
   * @param alike cosine to an asked token from which on a token need not be asked; above 1 if all
   *     are to be asked
   */
  DiverseQueries(int tokenFloats, int most, double alike, ScoreLoops loops) {
    this.tokenFloats = tokenFloats;
    this.most = most;
    this.alike = alike;
    this.loops = loops;
  }

  @Override
  public int ask(float[] q, int offset, int stride, int tokens, float[] asked) {
    if (lengths.length < tokens) {
      lengths = new double[tokens];
      nearest = new double[tokens];
    }
    for (int t = 0; t < tokens; t++) {
      int at = offset + t * stride;
      lengths[t] = Math.sqrt(loops.dot(q, at, q, at, tokenFloats));
    }
    Arrays.fill(nearest, 0, tokens, Double.NEGATIVE_INFINITY);
    int limit = most == 0 ? tokens : Math.min(most, tokens);
    int next = tokens / 2;
    for (int count = 1; ; count++) {
      int pick = offset + next * stride;
      System.arraycopy(q, pick, asked, (count - 1) * tokenFloats, tokenFloats);
      if (count == limit) {
        return count;
      }
      next = farthest(q, offset, stride, tokens, next);
      if (nearest[next] >= alike) {
        return count;
      }
    }
  }

  /** The token least like those asked, of which {@code latest} is the last. */
  private int farthest(float[] q, int offset, int stride, int tokens, int latest) {
    int pick = offset + latest * stride;
    nearest[latest] = Double.POSITIVE_INFINITY;
    int farthest = latest;
    for (int t = 0; t < tokens; t++) {
      if (nearest[t] != Double.POSITIVE_INFINITY) {
        double dot = loops.dot(q, pick, q, offset + t * stride, tokenFloats);
        // Where there is no direction there is nothing to ask for.
        double product = lengths[t] * lengths[latest];
        nearest[t] = Math.max(nearest[t], product > 0 ? dot / product : 1);
      }
      farthest = nearest[t] < nearest[farthest] ? t : farthest;
    }
    return farthest;
  }
}
