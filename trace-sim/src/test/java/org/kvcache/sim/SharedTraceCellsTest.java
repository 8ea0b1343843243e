package org.kvcache.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.trace.Trace;

class SharedTraceCellsTest {

  private static final double[] SHARES = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5};
  private static final double MOST_BELOW_LRU = 0.0035;
  private static final double MOST_BELOW_BEST = 0.02;

  @ParameterizedTest
  @CsvSource({
    "mooncake_conversation_b512, lru, 5.25 7.93 19.58 27.89 34.53 36.31",
    "mooncake_conversation_b512, arc, 6.53 8.97 21.01 28.43 32.02 36.27",
    "mooncake_conversation_b512, opt, 23.98 31.19 36.64 36.64 36.64 36.64",
    "agentic_a_b512, lru, 45.28 76.28 92.64 95.43 96.02 96.13",
    "agentic_a_b512, arc, 46.14 74.92 91.80 95.21 95.95 96.11",
    "agentic_a_b512, opt, 64.78 85.91 95.19 96.11 96.18 96.18",
    "docqa_zipf08_b512, lru, 10.89 17.44 30.75 42.96 57.86 81.75",
    "docqa_zipf08_b512, arc, 20.24 28.33 40.51 50.53 62.06 83.62",
    "docqa_zipf08_b512, opt, 30.04 40.42 54.64 66.18 77.69 89.72",
    "docqa_hot50_b512, lru, 23.33 37.50 48.94 49.62 49.64 49.64",
    "docqa_hot50_b512, arc, 49.02 49.43 49.64 49.64 49.64 49.64",
    "docqa_hot50_b512, opt, 49.64 49.64 49.64 49.64 49.64 49.64",
    "docqa_random_b512, lru, 4.06 5.82 10.84 18.24 33.79 79.22",
    "docqa_random_b512, arc, 4.00 5.92 11.11 18.19 34.30 82.77",
    "docqa_random_b512, opt, 12.95 20.93 34.94 49.09 66.72 91.95",
    "docqa_tile_b512, lru, 2.43 2.43 2.43 2.43 2.43 2.43",
    "docqa_tile_b512, arc, 2.43 2.43 2.43 2.43 2.43 2.43",
    "docqa_tile_b512, opt, 3.50 5.17 10.22 18.62 34.89 83.63",
  })
  void prefixRatesEqualTheReferenceToThePrintedDigit(String trace, String policy, String rates) {
    double[] measured = rates(SharedTraces.read(trace), policy);
    assertThat(IntStream.range(0, 6).mapToObj(i -> percent(measured[i])))
        .containsExactly(rates.split(" "));
  }

  private static String percent(double rate) {
    return String.format(Locale.ROOT, "%.2f", 100 * rate);
  }

  @Test
  void prefixCountsEqualTheReference() {
    var simulator = new Simulator(chat(), RunSettings.prefix());
    assertThat(simulator.run("lru", 9139).blockHits()).isEqualTo(56_479);
    assertThat(simulator.run("arc", 9139).blockHits()).isEqualTo(60_621);
    assertThat(simulator.run("opt", 9139).blockHits()).isEqualTo(105_710);
  }

  @ParameterizedTest
  @CsvSource({
    "mooncake_conversation_b512, 1000, 12831, 15275, 54994",
    "mooncake_conversation_b512, 1827, 15080, 18626, 71063",
    "mooncake_conversation_b512, 9139, 56382, 60619, 105710",
    "docqa_zipf08_b512, 2000, 124650, 154150, 205263",
    "agentic_a_b512, 861, 884586, 1021654, 1560687",
    "agentic_a_b512, 8614, 2153072, 2147335, 2169374",
  })
  void flatCountsEqualTheReference(String trace, int capacity, long lru, long arc, long opt) {
    var simulator = new Simulator(SharedTraces.read(trace), RunSettings.flat());
    assertThat(simulator.run("lru", capacity).blockHits()).isEqualTo(lru);
    assertThat(simulator.run("arc", capacity).blockHits()).isEqualTo(arc);
    assertThat(simulator.run("opt", capacity).blockHits()).isEqualTo(opt);
  }

  @ParameterizedTest
  @CsvSource({
    "mooncake_conversation_b512",
    "agentic_a_b512",
    "docqa_zipf08_b512",
    "docqa_hot50_b512",
    "docqa_random_b512",
    "docqa_tile_b512",
  })
  void adaptiveIsNeverMuchWorseThanTheBest(String name) {
    Trace trace = SharedTraces.read(name);
    double[] adaptive = rates(trace, "adaptive");
    double[] hazard = rates(trace, "hazard");
    double[] lru = rates(trace, "lru");
    double[] arc = rates(trace, "arc");
    for (int i = 0; i < SHARES.length; i++) {
      double best = Math.max(hazard[i], Math.max(lru[i], arc[i]));
      assertThat(adaptive[i])
          .as("%s at %s", name, SHARES[i])
          .isGreaterThanOrEqualTo(lru[i] - MOST_BELOW_LRU)
          .isGreaterThanOrEqualTo(best - MOST_BELOW_BEST);
    }
  }

  @Test
  void adaptiveGainsWhereItShould() {
    double[] chat = gain(chat());
    assertThat(chat[0]).isGreaterThanOrEqualTo(0.048);
    assertThat(chat[1]).isGreaterThanOrEqualTo(0.048);
    double[] documents = gain(SharedTraces.read("docqa_zipf08_b512"));
    assertThat(IntStream.range(0, 4).mapToDouble(i -> documents[i])).allMatch(g -> g >= 0.08);
    assertThat(gain(SharedTraces.read("docqa_tile_b512"))[4]).isGreaterThanOrEqualTo(0.27);
  }

  @ParameterizedTest
  @CsvSource({"1, 8.95", "2, 16.94", "5, 26.91", "10, 30.88"})
  void hintsThatAreRightFourTimesInFiveGiveMostOfTheirWorth(int share, double reference) {
    Trace chat = chat();
    var hinted = new RunSettings(RunSettings.Mode.PREFIX, 0, 0.8, 0, 0);
    int capacity = share * chat.uniqueBlocks() / 100;
    for (String policy : new String[] {"adaptive", "lru"}) {
      double rate = new Simulator(chat, hinted).run(policy, capacity).blockHitRate();
      assertThat(100 * rate).as(policy).isGreaterThanOrEqualTo(0.85 * reference);
    }
  }

  @Test
  void leafFirstArcIsAtLeastAsGoodOnAgents() {
    Trace agents = SharedTraces.read("agentic_a_b512");
    assertThat(100 * rates(agents, "arc-leaf")[0]).isCloseTo(46.86, within(0.05));
  }

  private static Trace chat() {
    return SharedTraces.read("mooncake_conversation_b512");
  }

  private static double[] gain(Trace trace) {
    double[] adaptive = rates(trace, "adaptive");
    double[] lru = rates(trace, "lru");
    return IntStream.range(0, SHARES.length).mapToDouble(i -> adaptive[i] - lru[i]).toArray();
  }

  private static double[] rates(Trace trace, String policy) {
    var simulator = new Simulator(trace, RunSettings.prefix());
    return IntStream.range(0, SHARES.length)
        .mapToDouble(
            i -> simulator.run(policy, (int) (SHARES[i] * trace.uniqueBlocks())).blockHitRate())
        .toArray();
  }
}
