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

  /**
   * Every scheme in every head dim meets every kind of attention, group, block and element; so do
   * any two of those.
   */
  static List<KernelCase> covering(long seed) {
    return Covering.pairs(
            seed,
            SCHEMES.size() * DIMS.size(),
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
    String scheme = SCHEMES.get(row[0] / DIMS.size());
    int dim = DIMS.get(row[0] % DIMS.size());
    Kind kind = Kind.values()[row[1]];
    int group = GROUPS.get(row[2]);
    int blockTokens = BLOCK_TOKENS.get(row[3]);
    Element element = ELEMENTS.get(row[4]);
    var window = new AttentionWindow(random.nextInt(5), 1 + random.nextInt(60));
    var shape =
        switch (kind) {
          case DECODE ->
              shape(blockTokens, group, 1, 0, Mask.ALL_FRESH, ALL, element, lengths(4, random));
          case DECODE_WINDOW ->
              shape(blockTokens, group, 1, 0, Mask.ALL_FRESH, window, element, lengths(3, random));
          case DECODE_SPLIT ->
              shape(blockTokens, group, 1, 0, Mask.ALL_FRESH, ALL, element, List.of(600, 0));
          case DECODE_SIXTEEN_ROWS ->
              shape(
                  blockTokens,
                  group,
                  16 / group,
                  0,
                  Mask.ALL_FRESH,
                  ALL,
                  element,
                  lengths(2, random));
          case QUERIES_WITHOUT_FRESH ->
              shape(blockTokens, group, 20, 0, Mask.ALL_FRESH, ALL, element, lengths(2, random));
          case BIDIRECTIONAL ->
              shape(blockTokens, group, 5, 5, Mask.ALL_FRESH, ALL, element, lengths(2, random));
          case CAUSAL ->
              shape(blockTokens, group, 9, 9, Mask.CAUSAL, ALL, element, lengths(2, random));
          case CAUSAL_WINDOW ->
              shape(blockTokens, group, 7, 20, Mask.CAUSAL, window, element, lengths(2, random));
        };
    return new KernelCase(scheme, dim, shape, own);
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
      lengths.add(i == 1 ? 0 : 1 + random.nextInt(170));
    }
    return lengths;
  }
}
