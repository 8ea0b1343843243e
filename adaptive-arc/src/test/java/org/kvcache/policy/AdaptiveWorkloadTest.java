package org.kvcache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.kvcache.spi.PolicyCatalog;

/** On traffic made for one contestant the tournament does as well as that contestant. */
class AdaptiveWorkloadTest {

  private static final int DOCUMENT = 10;
  private static final int REQUESTS = 12_000;
  private static final int CAPACITY = 1_000;

  @Test
  void sessionsThatGrowAndEnd() {
    int[][] requests = sessions(1, 0);
    assertThat(rate("lru", requests)).isGreaterThan(rate("arc", requests) + 0.01);
    assertThat(rate("adaptive", requests)).isGreaterThan(rate("lru", requests) - 0.01);
  }

  @Test
  void hotSetAndScans() {
    var random = new Random(2);
    int[][] requests = documents(i -> random.nextInt(3) == 0 ? random.nextInt(60) : REQUESTS + i);
    assertThat(rate("arc", requests)).isGreaterThan(rate("lru", requests) + 0.05);
    assertThat(rate("adaptive", requests)).isGreaterThan(rate("arc", requests) - 0.01);
  }

  @Test
  void loopLargerThanTheCache() {
    int[][] requests = documents(i -> i % 150);
    assertThat(rate("hazard", requests)).isGreaterThan(rate("lru", requests) + 0.1);
    assertThat(rate("adaptive", requests)).isGreaterThan(rate("hazard", requests) - 0.01);
  }

  @Test
  void trafficThatChanges() {
    int[][] loop = documents(i -> i % 150);
    int[][] sessions = sessions(3, 150 * DOCUMENT);
    int[][] both =
        IntStream.range(0, 2 * REQUESTS)
            .mapToObj(i -> i < REQUESTS ? loop[i] : sessions[i - REQUESTS])
            .toArray(int[][]::new);
    assertThat(rate("adaptive", both))
        .isGreaterThan(Math.max(rate("lru", both), rate("arc", both)) - 0.01);
  }

  private static int[][] documents(IntUnaryOperator document) {
    return IntStream.range(0, REQUESTS)
        .map(document)
        .mapToObj(d -> IntStream.range(d * DOCUMENT, (d + 1) * DOCUMENT).toArray())
        .toArray(int[][]::new);
  }

  private static int[][] sessions(long seed, int firstKey) {
    var random = new Random(seed);
    int[][] sessions = new int[30][0];
    int[][] requests = new int[REQUESTS][];
    int key = firstKey;
    for (int i = 0; i < REQUESTS; i++) {
      int session = random.nextInt(sessions.length);
      int old = random.nextInt(5) == 0 ? 0 : sessions[session].length;
      requests[i] = Arrays.copyOf(sessions[session], old + 1 + random.nextInt(8));
      for (int at = old; at < requests[i].length; at++) {
        requests[i][at] = key++;
      }
      sessions[session] = requests[i];
    }
    return requests;
  }

  private static double rate(String policy, int[][] requests) {
    var replay =
        new PrefixReplay(PolicyCatalog.named(policy), CAPACITY, GeneratedStream.keys(requests));
    return (double) replay.hits(requests) / Arrays.stream(requests).mapToInt(r -> r.length).sum();
  }
}
