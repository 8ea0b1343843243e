package org.kvcache.bench.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Few rows with a choice for each of some factors, in which every two choices come together. */
final class Covering {

  private final int[] sizes;
  private final boolean[][][][] met;
  private final Random random;

  private Covering(int[] sizes, long seed) {
    this.sizes = sizes;
    random = new Random(seed);
    met = new boolean[sizes.length][sizes.length][][];
    for (int a = 0; a < sizes.length; a++) {
      for (int b = 0; b < sizes.length; b++) {
        met[a][b] = new boolean[sizes[a]][sizes[b]];
      }
    }
  }

  /**
   * Rows of choices, made one by one for as many new pairs as possible.
   *
   * @param begun rows to begin with; what they leave open is -1
   * @param sizes how many choices each factor has
   */
  static List<int[]> pairs(long seed, List<int[]> begun, int... sizes) {
    var covering = new Covering(sizes, seed);
    var rows = new ArrayList<int[]>();
    for (int[] row : begun) {
      rows.add(covering.completed(row));
    }
    for (int a = 0; a < sizes.length; a++) {
      for (int b = a + 1; b < sizes.length; b++) {
        for (int x = 0; x < sizes[a]; x++) {
          for (int y = 0; y < sizes[b]; y++) {
            if (!covering.met[a][b][x][y]) {
              rows.add(covering.row(a, x, b, y));
            }
          }
        }
      }
    }
    return rows;
  }

  private int[] row(int a, int x, int b, int y) {
    int[] row = new int[sizes.length];
    Arrays.fill(row, -1);
    row[a] = x;
    row[b] = y;
    return completed(row);
  }

  private int[] completed(int[] begun) {
    int[] row = begun.clone();
    for (int factor = 0; factor < row.length; factor++) {
      if (row[factor] < 0) {
        row[factor] = best(row, factor);
      }
    }
    for (int i = 0; i < row.length; i++) {
      for (int j = 0; j < row.length; j++) {
        met[i][j][row[i]][row[j]] = true;
      }
    }
    return row;
  }

  private int best(int[] row, int factor) {
    int best = 0;
    double most = -1;
    for (int choice = 0; choice < sizes[factor]; choice++) {
      double gain = random.nextDouble(); // among equals any, so that triples vary
      for (int other = 0; other < row.length; other++) {
        gain += row[other] >= 0 && !met[factor][other][choice][row[other]] ? 1 : 0;
      }
      if (gain > most) {
        most = gain;
        best = choice;
      }
    }
    return best;
  }
}
