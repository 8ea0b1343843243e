package org.kvcache.bench.herald;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kvcache.sim.cost.RetrievalPlan;

/**
 * A way to retrieve that is compared with the dense one.
 *
 * @param name of its row
 * @param plan what it does
 */
record Way(String name, RetrievalPlan plan) {
  static final String DENSE = "dense, GPU only";
  static final String PLAIN = "herald";
  static final String LAST = "all three";

  /** MXFP4 with its scales. */
  private static final double FOUR_BIT = 4.25;

  private static final double HALF = 0.5;
  private static final int PAGE = 16;

  /** The plan that was asked for, and what each of our ideas makes of it where it changes it. */
  static List<Way> of(RetrievalPlan asked) {
    RetrievalPlan bits = asked.withKeyBits(Math.min(FOUR_BIT, asked.keyBits()));
    RetrievalPlan reuse = asked.withReuse(Math.max(HALF, asked.reuse()));
    RetrievalPlan pages = asked.withPageTokens(Math.max(PAGE, asked.pageTokens()));
    RetrievalPlan both = bits.withReuse(reuse.reuse());
    Map<RetrievalPlan, String> names = new LinkedHashMap<>();
    names.put(asked, PLAIN);
    names.putIfAbsent(bits, "4-bit scored keys");
    names.putIfAbsent(reuse, "half of the set reused");
    names.putIfAbsent(pages, "pages of " + PAGE);
    names.putIfAbsent(both, "4-bit keys and reuse");
    names.putIfAbsent(both.withPageTokens(pages.pageTokens()), LAST);
    return names.entrySet().stream()
        .map(entry -> new Way(entry.getValue(), entry.getKey()))
        .toList();
  }
}
