package org.kvcache.offload.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.kvcache.Retrieval;
import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;

@Tag("vector")
class SelectorProperties {

  record Setting(
      String scheme,
      int dim,
      int blocks,
      int group,
      int blockTokens,
      boolean byToken,
      int queries,
      int sinks,
      double share,
      long seed) {

    Prefix prefix() {
      return new Prefix(scheme, dim, blocks, seed);
    }

    /** Queries that are somewhat alike, twice as long as the keys so that attention is uneven. */
    float[] q() {
      var random = new Random(~seed);
      float[] common = Prefix.gaussian(random, group * dim);
      float[] q = Prefix.gaussian(random, blockTokens * group * dim);
      for (int i = 0; i < q.length; i++) {
        q[i] += common[i % common.length] * (float) (seed % 3);
      }
      return q;
    }

    int pages() {
      return byToken ? blocks * Prefix.BLOCK : blocks;
    }

    int sinkPages() {
      return byToken ? sinks * Prefix.BLOCK : sinks;
    }

    int count() {
      return Math.max(1, (int) (share * pages()));
    }

    PageSelector selector(Prefix prefix, String retriever) {
      Retrieval settings = Retrieval.builder().queries(queries).sinkBlocks(sinks).budget(1).build();
      PageSelector selector =
          BlockRetriever.named(retriever).selector(prefix.context(group, byToken, settings));
      selector.add(prefix, 0, blocks);
      return selector;
    }

    Oracle oracle(Prefix prefix) {
      return Oracle.of(prefix.keys, q(), group, dim, 1 / Math.sqrt(dim));
    }
  }

  @Provide
  Arbitrary<Setting> settings() {
    var shape =
        Combinators.combine(
            Arbitraries.of("f32", "bf16", "mxfp4", "lm16"),
            Arbitraries.of(64, 128),
            Arbitraries.of(1, 3, 20, 64, 65, 130),
            Arbitraries.of(1, 4, 8),
            Arbitraries.of(1, 4, 16, 32));
    return Combinators.combine(
            shape.as((scheme, dim, blocks, group, tokens) ->
                new Setting(scheme, dim, blocks, group, tokens, false, 0, 0, 0, 0)),
            Arbitraries.of(true, false),
            Arbitraries.of(0, 1, 2, 3, 4, 8),
            Arbitraries.of(0, 0, 1, 5),
            Arbitraries.of(0.01, 0.05, 0.1, 0.5, 1.0, 2.0),
            Arbitraries.longs())
        .as((s, byToken, queries, sinks, share, seed) ->
            new Setting(
                s.scheme,
                s.dim,
                s.blocks,
                s.group,
                s.blockTokens,
                byToken,
                queries,
                sinks,
                share,
                seed));
  }

  @Property(tries = 60, seed = "31")
  void exactAsksAll(@ForAll("settings") Setting setting) {
    Prefix prefix = setting.prefix();
    Oracle oracle = setting.oracle(prefix);
    check(setting, prefix, "exact", oracle.attention(oracle.all()));
    check(setting, prefix, "exact-step", oracle.attention(oracle.all()));
  }

  @Property(tries = 60, seed = "32")
  void heraldAsksSpreadTokens(@ForAll("settings") Setting setting) {
    Prefix prefix = setting.prefix();
    Oracle oracle = setting.oracle(prefix);
    int count = setting.queries == 0 ? setting.blockTokens : setting.queries;
    int[] positions = new int[Math.min(count, setting.blockTokens)];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = SpreadQueries.position(i, positions.length, setting.blockTokens);
    }
    check(setting, prefix, "herald", oracle.attention(oracle.tokens(positions)));
  }

  @Property(tries = 60, seed = "33")
  void diverseAsksTheFarthest(@ForAll("settings") Setting setting) {
    Prefix prefix = setting.prefix();
    Oracle oracle = setting.oracle(prefix);
    int most = setting.queries == 0 ? setting.blockTokens : setting.queries;
    check(setting, prefix, "herald-diverse", oracle.attention(oracle.diverse(most, 2)));
  }

  @Property(tries = 60, seed = "34")
  void adaptiveAsksUntilTheRestIsAlike(@ForAll("settings") Setting setting) {
    Prefix prefix = setting.prefix();
    Oracle oracle = setting.oracle(prefix);
    int most = setting.queries == 0 ? 4 : setting.queries;
    check(setting, prefix, "herald-adaptive", oracle.attention(oracle.diverse(most, 0.8)));
  }

  @Property(tries = 40, seed = "35")
  void meanAsksTheMean(@ForAll("settings") Setting setting) {
    Prefix prefix = setting.prefix();
    Oracle oracle = setting.oracle(prefix);
    check(setting, prefix, "herald-mean", oracle.attention(oracle.mean()));
  }

  private static void check(Setting setting, Prefix prefix, String retriever, double[] tokens) {
    PageSelector selector = setting.selector(prefix, retriever);
    int[] chosen = prefix.choose(selector, setting.q(), setting.group, setting.count());
    double[] scores = Oracle.byPage(tokens, setting.byToken ? 1 : Prefix.BLOCK);
    assertChosen(chosen, scores, setting);
    assertThat((double) selector.mass()).isCloseTo(mass(scores, chosen), within(1e-4));
    int[] others = {0, setting.pages() - 1};
    int n = Math.min(2, setting.pages());
    assertThat((double) selector.massOf(others, n))
        .isCloseTo(mass(scores, Arrays.copyOf(others, n)), within(1e-4));
    assertThat(prefix.choose(selector, setting.q(), setting.group, setting.count()))
        .isEqualTo(chosen);
  }

  /** Pages whose scores are the same but for rounding may stand for each other. */
  private static void assertChosen(int[] chosen, double[] scores, Setting setting) {
    int[] expected = Oracle.pick(scores, setting.count(), setting.sinkPages());
    assertThat(chosen).hasSameSizeAs(expected);
    for (int i = 1; i < chosen.length; i++) {
      assertThat(chosen[i]).isGreaterThan(chosen[i - 1]);
    }
    int sinks = Math.min(setting.sinkPages(), expected.length);
    assertThat(Arrays.copyOf(chosen, sinks)).isEqualTo(Arrays.copyOf(expected, sinks));
    double lowest = lowest(scores, expected, sinks);
    assertThat(lowest(scores, chosen, sinks))
        .isGreaterThanOrEqualTo(lowest - 1e-4 * Math.abs(lowest));
    double error = 1e-3 * Math.abs(mass(scores, expected));
    assertThat(mass(scores, chosen)).isCloseTo(mass(scores, expected), within(error));
  }

  private static double lowest(double[] scores, int[] pages, int from) {
    return Arrays.stream(pages).skip(from).mapToDouble(page -> scores[page]).min().orElse(0);
  }

  private static double mass(double[] scores, int[] pages) {
    return Arrays.stream(pages).mapToDouble(page -> scores[page]).sum();
  }

  @Property(tries = 40, seed = "36")
  void questBoundsEveryLogitOfABlock(@ForAll("settings") Setting setting) {
    Prefix prefix = setting.prefix();
    Oracle oracle = setting.oracle(prefix);
    double[] bounds = oracle.quest(Prefix.BLOCK);
    for (int t = 0; t < prefix.tokens(); t++) {
      for (double[][] heads : oracle.q()) {
        for (double[] head : heads) {
          assertThat(Oracle.dot(head, oracle.keys()[t]))
              .isLessThanOrEqualTo(bounds[t / Prefix.BLOCK] + 1e-6);
        }
      }
    }
    PageSelector selector = setting.selector(prefix, "quest");
    int[] chosen = prefix.choose(selector, setting.q(), setting.group, setting.count());
    double[] scores = new double[setting.pages()];
    for (int page = 0; page < scores.length; page++) {
      scores[page] = bounds[setting.byToken ? page / Prefix.BLOCK : page];
    }
    assertChosen(chosen, scores, setting);
    assertThat(selector.mass()).isNaN();
  }

  @Property(tries = 40, seed = "37")
  void aCopyOfTheKeysIsScoredAsItsOwnFormat(
      @ForAll("settings") Setting any, @ForAll("copies") String copy) {
    Prefix prefix = any.prefix();
    Retrieval settings = Retrieval.builder().scoredKeys(copy).sinkBlocks(any.sinks).build();
    PageSelector selector =
        BlockRetriever.named("exact").selector(prefix.context(any.group, any.byToken, settings));
    int half = any.blocks / 2;
    selector.add(prefix, 0, half);
    selector.add(prefix, half, any.blocks);
    int[] chosen = prefix.choose(selector, any.q(), any.group, any.count());
    Prefix stored = new Prefix(copy, any.dim, prefix.keys);
    Oracle oracle = any.oracle(any.scheme.equals(copy) ? prefix : stored);
    double[] tokens = oracle.attention(oracle.all());
    double[] scores = Oracle.byPage(tokens, any.byToken ? 1 : Prefix.BLOCK);
    assertChosen(chosen, scores, any);
    assertThat((double) selector.mass()).isCloseTo(mass(scores, chosen), within(1e-4));
  }

  @Provide
  Arbitrary<String> copies() {
    return Arbitraries.of(List.of("mxfp4", "lm16", "bf16", "k8v4"));
  }

  @Property(tries = 60, seed = "38")
  void blocksThatGoAndComeLeaveNoTrace(
      @ForAll("settings") Setting setting, @ForAll("names") String retriever) {
    Prefix old = new Prefix(setting.scheme, setting.dim, setting.blocks, setting.seed + 1);
    float[] keys = old.keys.clone();
    Prefix prefix = setting.prefix();
    int kept = setting.blocks / 3;
    System.arraycopy(prefix.keys, 0, keys, 0, kept * Prefix.BLOCK * setting.dim);
    Prefix first = new Prefix("f32", setting.dim, keys);
    Prefix second = new Prefix("f32", setting.dim, prefix.keys);
    Retrieval settings = Retrieval.builder().scoredKeys("lm16").budget(1).build();
    PageSelector selector =
        BlockRetriever.named(retriever)
            .selector(first.context(setting.group, setting.byToken, settings));
    PageSelector fresh =
        BlockRetriever.named(retriever)
            .selector(second.context(setting.group, setting.byToken, settings));
    selector.add(first, 0, setting.blocks);
    first.choose(selector, setting.q(), setting.group, setting.count());
    selector.truncate(kept);
    selector.add(second, kept, setting.blocks);
    fresh.add(second, 0, setting.blocks);
    assertThat(second.choose(selector, setting.q(), setting.group, setting.count()))
        .isEqualTo(second.choose(fresh, setting.q(), setting.group, setting.count()));
    assertThat(selector.mass()).isEqualTo(Float.valueOf(fresh.mass()));
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.of(BlockRetriever.all().stream().map(BlockRetriever::name).toList());
  }
}
