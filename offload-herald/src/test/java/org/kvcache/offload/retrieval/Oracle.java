package org.kvcache.offload.retrieval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The methods of choosing, in double precision, one straightforward step after the other.
 *
 * @param keys of tokens
 * @param q of tokens of the block, then of heads
 */
record Oracle(double[][] keys, double[][][] q, double scale) {

  static Oracle of(float[] keys, float[] q, int group, int dim, double scale) {
    int tokens = q.length / dim / group;
    double[][][] queries = new double[tokens][][];
    double[][] flat = rows(q, dim);
    for (int t = 0; t < tokens; t++) {
      queries[t] = java.util.Arrays.copyOfRange(flat, t * group, (t + 1) * group);
    }
    return new Oracle(rows(keys, dim), queries, scale);
  }

  private static double[][] rows(float[] numbers, int dim) {
    double[][] rows = new double[numbers.length / dim][dim];
    for (int i = 0; i < numbers.length; i++) {
      rows[i / dim][i % dim] = numbers[i];
    }
    return rows;
  }

  /** Mean over the heads of some tokens of the softmax over all keys. */
  double[] attention(List<double[][]> asked) {
    double[] scores = new double[keys.length];
    int queries = asked.size() * asked.getFirst().length;
    for (double[][] heads : asked) {
      for (double[] head : heads) {
        double[] weights = softmax(head);
        for (int t = 0; t < keys.length; t++) {
          scores[t] += weights[t] / queries;
        }
      }
    }
    return scores;
  }

  private double[] softmax(double[] query) {
    double[] weights = new double[keys.length];
    double max = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < keys.length; t++) {
      weights[t] = dot(query, keys[t]) * scale;
      max = Math.max(max, weights[t]);
    }
    double sum = 0;
    for (int t = 0; t < keys.length; t++) {
      weights[t] = Math.exp(weights[t] - max);
      sum += weights[t];
    }
    for (int t = 0; t < keys.length; t++) {
      weights[t] /= sum;
    }
    return weights;
  }

  List<double[][]> all() {
    return List.of(q);
  }

  List<double[][]> tokens(int... positions) {
    return IntStream.of(positions).mapToObj(t -> q[t]).toList();
  }

  List<double[][]> mean() {
    double[][] mean = new double[q[0].length][q[0][0].length];
    for (double[][] token : q) {
      for (int h = 0; h < mean.length; h++) {
        for (int c = 0; c < mean[h].length; c++) {
          mean[h][c] += token[h][c] / q.length;
        }
      }
    }
    return List.<double[][]>of(mean);
  }

  /** The centre, then what is farthest from all before, until the rest has a cosine of alike. */
  List<double[][]> diverse(int most, double alike) {
    List<Integer> picked = new ArrayList<>(List.of(q.length / 2));
    while (picked.size() < Math.min(most, q.length)) {
      int farthest = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int t = 0; t < q.length; t++) {
        if (!picked.contains(t)) {
          double nearest = Double.NEGATIVE_INFINITY;
          for (int p : picked) {
            nearest = Math.max(nearest, cosine(q[t], q[p]));
          }
          if (nearest < least) {
            least = nearest;
            farthest = t;
          }
        }
      }
      if (least >= alike) {
        break;
      }
      picked.add(farthest);
    }
    return picked.stream().map(t -> q[t]).toList();
  }

  private static double cosine(double[][] a, double[][] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int h = 0; h < a.length; h++) {
      ab += dot(a[h], b[h]);
      aa += dot(a[h], a[h]);
      bb += dot(b[h], b[h]);
    }
    return ab / Math.sqrt(aa * bb);
  }

  /** The greatest bound of a query for each page. */
  double[] quest(int pageTokens) {
    double[] scores = new double[keys.length / pageTokens];
    for (int page = 0; page < scores.length; page++) {
      double most = Double.NEGATIVE_INFINITY;
      for (double[][] heads : q) {
        for (double[] head : heads) {
          double bound = 0;
          for (int c = 0; c < head.length; c++) {
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (int t = page * pageTokens; t < (page + 1) * pageTokens; t++) {
              low = Math.min(low, keys[t][c]);
              high = Math.max(high, keys[t][c]);
            }
            bound += Math.max(head[c], 0) * high + Math.min(head[c], 0) * low;
          }
          most = Math.max(most, bound);
        }
      }
      scores[page] = most;
    }
    return scores;
  }

  static double[] byPage(double[] scores, int pageTokens) {
    double[] pages = new double[scores.length / pageTokens];
    for (int t = 0; t < scores.length; t++) {
      pages[t / pageTokens] += scores[t];
    }
    return pages;
  }

  /** The sinks and the pages with the highest scores, of equal ones the first, in rising order. */
  static int[] pick(double[] scores, int count, int sinks) {
    int fixed = Math.min(sinks, Math.min(count, scores.length));
    return IntStream.concat(
            IntStream.range(0, fixed),
            IntStream.range(fixed, scores.length)
                .boxed()
                .sorted(
                    Comparator.<Integer>comparingDouble(page -> -scores[page])
                        .thenComparingInt(page -> page))
                .limit(Math.max(0, count - fixed))
                .mapToInt(page -> page))
        .sorted()
        .toArray();
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
