package org.kvcache.bench.kernels;

import java.util.List;
import org.kvcache.AttentionWindow;
import org.kvcache.kernels.device.Element;
import org.kvcache.kernels.device.Mask;

/**
 * A shape to check attention with, for all schemes and head dims.
 *
 * @param group query heads that share a KV head
 * @param queryTokens of each sequence
 * @param freshTokens of each sequence, after the encoded ones
 * @param element what queries and fresh rows are made of
 * @param lengths encoded tokens of each sequence
 */
record CheckCase(
    int blockTokens,
    int group,
    int queryTokens,
    int freshTokens,
    Mask mask,
    AttentionWindow window,
    Element element,
    List<Integer> lengths) {

  private static final AttentionWindow ALL = AttentionWindow.ALL;

  /** Between them: every block size and group, one query and many, windows, lengths 0 and 1. */
  static final List<CheckCase> ALL_CASES =
      List.of(
          decode(16, 1, ALL, Element.F32, 0, 1, 17, 300),
          decode(32, 2, ALL, Element.BF16, 700, 64),
          decode(64, 4, new AttentionWindow(0, 37), Element.F16, 200, 5),
          decode(64, 6, ALL, Element.F32, 63),
          decode(64, 8, ALL, Element.BF16, 1100),
          decode(128, 16, new AttentionWindow(4, 100), Element.F32, 300, 129),
          block(16, 4, 1, 7, Mask.ALL_FRESH, ALL, Element.F32, 33, 0),
          block(64, 2, 5, 5, Mask.ALL_FRESH, ALL, Element.BF16, 0, 77),
          block(32, 6, 32, 32, Mask.ALL_FRESH, ALL, Element.F16, 600),
          block(64, 1, 24, 24, Mask.CAUSAL, ALL, Element.BF16, 100, 33),
          block(128, 8, 9, 20, Mask.CAUSAL, new AttentionWindow(2, 40), Element.F32, 130, 3));

  private static CheckCase decode(
      int blockTokens, int group, AttentionWindow window, Element element, Integer... lengths) {
    return new CheckCase(
        blockTokens, group, 1, 0, Mask.ALL_FRESH, window, element, List.of(lengths));
  }

  private static CheckCase block(
      int blockTokens,
      int group,
      int queryTokens,
      int freshTokens,
      Mask mask,
      AttentionWindow window,
      Element element,
      Integer... lengths) {
    return new CheckCase(
        blockTokens, group, queryTokens, freshTokens, mask, window, element, List.of(lengths));
  }

  /** Whether a kernel for decoding runs, which takes few rows and none that are fresh. */
  boolean decodes() {
    return freshTokens == 0 && queryTokens * group <= 16;
  }

  int sequences() {
    return lengths.size();
  }

  int longest() {
    return lengths.stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** Whether a query token sees a token, counted over encoded and fresh ones. */
  boolean sees(int queryToken, int token, int length) {
    int total = length + freshTokens;
    int end = mask == Mask.CAUSAL ? total - queryTokens + queryToken + 1 : total;
    return token < end && (token < window.sinks() || token >= (long) end - window.window());
  }
}
