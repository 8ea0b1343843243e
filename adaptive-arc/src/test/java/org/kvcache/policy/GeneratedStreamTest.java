package org.kvcache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ShadowCache;

/**
 * Hits of every policy on one seeded stream. The counts are those of the slow twins, which are
 * replayed too; hazard and adaptive have none, so theirs only tell that something has changed.
 */
class GeneratedStreamTest {

  private static final int[][] REQUESTS = GeneratedStream.of(3_000, 42);
  private static final int CAPACITY = 300;

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          lru,       14443, 14889
          arc,       18168, 18170
          arc-leaf,  18168, 18163
          fifo,      13081, 12201
          lfu,        5511,  8728
          lfu-da,    15710, 16003
          2q,        16702, 16221
          lirs,      18062, 17991
          sieve,      5511, 15254
          s3-fifo,   17238, 16407
          w-tinylfu, 15500, 14277
          """)
  void ofTwins(String policy, long flat, long prefix) {
    PolicySpec spec = PolicyCatalog.named(policy);
    var twin =
        new PolicySpec(
            policy,
            "twin",
            spec.leafFirst(),
            spec.ghosts(),
            false,
            ReferencePolicies.TWINS.get(policy));
    assertThat(flat(spec)).isEqualTo(flat).isEqualTo(flat(twin));
    assertThat(prefix(spec)).isEqualTo(prefix).isEqualTo(prefix(twin));
  }

  @ParameterizedTest
  @CsvSource({"hazard, 18109, 18091", "adaptive, 18109, 18091"})
  void ofOurOwn(String policy, long flat, long prefix) {
    PolicySpec spec = PolicyCatalog.named(policy);
    assertThat(flat(spec)).isEqualTo(flat);
    assertThat(prefix(spec)).isEqualTo(prefix);
  }

  private static long flat(PolicySpec spec) {
    var cache = new ShadowCache(CAPACITY, 0, spec);
    long hits = 0;
    for (int[] chain : REQUESTS) {
      for (int key : chain) {
        hits += cache.access(key) ? 1 : 0;
      }
    }
    return hits;
  }

  private static long prefix(PolicySpec spec) {
    return new PrefixReplay(spec, CAPACITY, GeneratedStream.keys(REQUESTS)).hits(REQUESTS);
  }
}
