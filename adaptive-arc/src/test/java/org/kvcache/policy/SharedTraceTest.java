package org.kvcache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.ShadowCache;

/** The counts that independent simulators agree on, where the traces they are of are at hand. */
class SharedTraceTest {

  private static final Map<String, SharedTrace> READ = new HashMap<>();

  private static SharedTrace trace(String name) throws IOException {
    if (!READ.containsKey(name)) {
      READ.put(name, SharedTrace.read(name));
    }
    return READ.get(name);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # trace, capacity, lru, arc, sieve, 2q, s3-fifo
          mooncake_conversation_b512,  1000,   12831,   15275,   13871,  15614,   16041
          mooncake_conversation_b512,  1827,   15080,   18626,   16789,  18896,   21622
          mooncake_conversation_b512,  3655,   22703,   26063,   24017,  24784,   30782
          mooncake_conversation_b512,  5000,   31840,   32777,   26626,  32201,   39885
          mooncake_conversation_b512,  9139,   56382,   60619,   36602,  50907,   54121
          mooncake_conversation_b512, 18279,   80323,   82006,   56207,  73266,   70849
          mooncake_conversation_b512, 36558,   99403,   92337,   88515,  93987,   95025
          mooncake_conversation_b512, 91395,  104759,  104633,  104633, 103400,  104427
          docqa_zipf08_b512,            500,   53187,   92413,   94569,       ,   98480
          docqa_zipf08_b512,           1000,   84968,  122337,  116645,       ,  128629
          docqa_zipf08_b512,           2000,  124650,  154150,  157444,       ,  160513
          docqa_zipf08_b512,           4000,  169357,  189417,  194336,       ,  194202
          docqa_zipf08_b512,           8000,  227187,  235786,  241893,       ,  237357
          docqa_zipf08_b512,          12000,  263279,  270098,  271488,       ,  269190
          agentic_a_b512,               430,  339726,  597816,   64354,       ,  679227
          agentic_a_b512,               861,  884586, 1021654,  137634,       , 1103673
          agentic_a_b512,              1722, 1659432, 1654171,  198078,       , 1642560
          agentic_a_b512,              4307, 2085227, 2067708,  395798,       , 2051583
          agentic_a_b512,              8614, 2153072, 2147335,  642539,       , 2144697
          agentic_a_b512,             17229, 2167301, 2165678, 1092236,       , 2162382
          """)
  void flat(String trace, int capacity, long lru, long arc, long sieve, Long twoQueue, long s3Fifo)
      throws IOException {
    int[][] requests = trace(trace).requests();
    assertThat(flatHits("lru", capacity, requests)).as("lru").isEqualTo(lru);
    assertThat(flatHits("arc", capacity, requests)).as("arc").isEqualTo(arc);
    assertThat(flatHits("sieve", capacity, requests)).as("sieve").isEqualTo(sieve);
    assertThat(flatHits("s3-fifo", capacity, requests)).as("s3-fifo").isEqualTo(s3Fifo);
    if (twoQueue != null) {
      assertThat(flatHits("2q", capacity, requests)).as("2q").isEqualTo(twoQueue);
    }
  }

  private static long flatHits(String policy, int capacity, int[][] requests) {
    var cache = new ShadowCache(capacity, 0, PolicyCatalog.named(policy));
    long hits = 0;
    for (int[] chain : requests) {
      for (int key : chain) {
        hits += cache.access(key) ? 1 : 0;
      }
    }
    return hits;
  }

  /** Percent of blocks at 1, 2, 5, 10 and 20 % of the unique blocks. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          mooncake_conversation_b512, fifo,  5.10,  7.61, 17.53, 24.84, 31.33
          mooncake_conversation_b512, lru,   5.25,  7.93, 19.58, 27.89, 34.53
          mooncake_conversation_b512, lfu,   5.82,  8.34, 12.67, 19.49, 30.69
          mooncake_conversation_b512, 2q,    6.55,  8.58, 17.53, 24.97, 31.92
          mooncake_conversation_b512, sieve, 5.82,  8.32, 12.69, 19.48, 30.68
          mooncake_conversation_b512, arc,   6.53,  8.97, 21.01, 28.43, 32.02
          docqa_zipf08_b512,          fifo,  9.62, 15.25, 26.79, 38.00, 53.05
          docqa_zipf08_b512,          lru,   10.89, 17.44, 30.75, 42.96, 57.86
          docqa_zipf08_b512,          2q,    20.06, 27.70, 39.80, 50.04, 61.36
          docqa_zipf08_b512,          sieve, 20.70, 29.74, 41.39, 51.46, 64.24
          docqa_zipf08_b512,          arc,   20.24, 28.33, 40.51, 50.53, 62.06
          agentic_a_b512,             fifo,  32.51, 62.09, 85.01, 91.33, 94.57
          agentic_a_b512,             lru,   45.28, 76.28, 92.64, 95.43, 96.02
          agentic_a_b512,             lfu,   25.95, 29.19, 35.06, 44.11, 55.76
          agentic_a_b512,             2q,    41.64, 68.59, 87.37, 91.62, 94.77
          agentic_a_b512,             sieve, 40.47, 69.02, 91.47, 95.13, 95.94
          agentic_a_b512,             arc,   46.14, 74.92, 91.80, 95.21, 95.95
          """)
  void prefixes(
      String name, String policy, double one, double two, double five, double ten, double twenty)
      throws IOException {
    SharedTrace trace = trace(name);
    int[] percent = {1, 2, 5, 10, 20};
    double[] rates = {one, two, five, ten, twenty};
    for (int i = 0; i < rates.length; i++) {
      int capacity = (int) ((long) percent[i] * trace.keys() / 100);
      var replay = new PrefixReplay(PolicyCatalog.named(policy), capacity, trace.keys());
      double rate = 100.0 * replay.hits(trace.requests()) / trace.references();
      assertThat(Math.round(100 * rate) / 100.0).as("%d %%", percent[i]).isEqualTo(rates[i]);
    }
  }
}
