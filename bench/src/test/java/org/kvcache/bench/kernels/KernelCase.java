package org.kvcache.bench.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.kvcache.AttentionWindow;
import org.kvcache.kernels.device.Element;
import org.kvcache.kernels.device.Mask;

/** A scheme and a shape to run kernels in. */
record KernelCase(String scheme, int dim, CheckCase shape, long seed) {

  static final List<String> SCHEMES =
      List.of("bf16", "fp8", "mxfp4", "mxfp4:ocp+mxfp4:ocp", "ultraquant", "k8v4", "lm16");
  static final List<Integer> DIMS = List.of(64, 128, 256);
  static final List<Integer> GROUPS = List.of(1, 2, 4, 6, 8, 16);
  static final List<Integer> BLOCK_TOKENS = List.of(16, 32, 64, 128);

  private static final List<Element> ELEMENTS = List.of(Element.F32, Element.F16, Element.BF16);
  private static final AttentionWindow ALL = AttentionWindow.ALL;

  /** What is attended to by whom. */
  private enum Kind {
    DECODE,
    DECODE_WINDOW,
    DECODE_SPLIT,
    DECODE_SIXTEEN_ROWS,
    QUERIES_WITHOUT_FRESH,
    BIDIRECTIONAL,
    CAUSAL,
    CAUSAL_WINDOW
  }

  // Those of up to eight query rows, sixteen and more have kernels of their own.
  private static final int SMALL = Kind.DECODE_SIXTEEN_ROWS.ordinal();
  private static final int LARGE = SMALL + 1;
  private static final int LARGE_KINDS = Kind.values().length - LARGE;

  /**
   * Every attention kernel in every scheme and head dim, and any two of scheme, head dim, kind of
   * attention, group, block and element together.
   */
  static List<KernelCase> covering(long seed) {
    var kernels = new ArrayList<int[]>();
    for (int scheme = 0; scheme < SCHEMES.size(); scheme++) {
      for (int dim = 0; dim < DIMS.size(); dim++) {
        int turn = scheme + dim;
        int eightRowsAtMost = (scheme * DIMS.size() + dim) % (GROUPS.size() - 1);
        kernels.add(new int[] {scheme, dim, turn % SMALL, eightRowsAtMost, -1, -1});
        kernels.add(new int[] {scheme, dim, SMALL, -1, -1, -1});
        kernels.add(new int[] {scheme, dim, LARGE + turn % LARGE_KINDS, -1, -1, -1});
      }
    }
    return Covering.pairs(
            seed,
            kernels,
            SCHEMES.size(),
            DIMS.size(),
            Kind.values().length,
            GROUPS.size(),
            BLOCK_TOKENS.size(),
            ELEMENTS.size())
        .stream()
        .map(row -> of(row, seed))
        .toList();
  }

  private static KernelCase of(int[] row, long seed) {
    long own = seed;
    for (int choice : row) {
      own = 31 * own + choice;
    }
    var random = new Random(own);
    int group = GROUPS.get(row[3]);
    int blockTokens = BLOCK_TOKENS.get(row[4]);
    Element element = ELEMENTS.get(row[5]);
    Mask all = Mask.ALL_FRESH;
    var window = new AttentionWindow(random.nextInt(5), 1 + random.nextInt(60));
    List<Integer> two = lengths(2, random);
    List<Integer> three = lengths(3, random);
    var shape =
        switch (Kind.values()[row[2]]) {
          case DECODE -> shape(blockTokens, group, 1, 0, all, ALL, element, three);
          case DECODE_WINDOW -> shape(blockTokens, group, 1, 0, all, window, element, three);
          case DECODE_SPLIT -> shape(blockTokens, group, 1, 0, all, ALL, element, List.of(530, 0));
          case DECODE_SIXTEEN_ROWS ->
              shape(blockTokens, group, 16 / group, 0, all, ALL, element, two);
          case QUERIES_WITHOUT_FRESH ->
              shape(blockTokens, group, 16 / group + 1, 0, all, ALL, element, two);
          case BIDIRECTIONAL -> shape(blockTokens, group, 5, 5, all, ALL, element, two);
          case CAUSAL -> shape(blockTokens, group, 18, 18, Mask.CAUSAL, ALL, element, two);
          case CAUSAL_WINDOW -> shape(blockTokens, group, 3, 20, Mask.CAUSAL, window, element, two);
        };
    return new KernelCase(SCHEMES.get(row[0]), DIMS.get(row[1]), shape, own);
  }

  private static CheckCase shape(
      int blockTokens,
      int group,
      int queryTokens,
      int freshTokens,
      Mask mask,
      AttentionWindow window,
      Element element,
      List<Integer> lengths) {
    return new CheckCase(
        blockTokens, group, queryTokens, freshTokens, mask, window, element, lengths);
  }

  /** One of them is 0. */
  private static List<Integer> lengths(int sequences, Random random) {
    var lengths = new ArrayList<Integer>();
    for (int i = 0; i < sequences; i++) {
      lengths.add(i == 1 ? 0 : 1 + random.nextInt(150));
    }
    return lengths;
  }
}
