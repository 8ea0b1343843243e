package org.kvcache.policy;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** Seeded requests: popular documents, one-off scans, a loop and conversations that grow. */
final class GeneratedStream {

  private static final int POPULAR = 400;
  private static final int LOOP = 90;
  private static final int DOCUMENT = 8;

  private final Random random;
  private final double[] zipf = new double[POPULAR];
  private final int[][] conversations = new int[12][];
  private int nextKey = (POPULAR + LOOP) * DOCUMENT;
  private int loopAt;

  private GeneratedStream(long seed) {
    random = new Random(seed);
    double sum = 0;
    for (int rank = 0; rank < POPULAR; rank++) {
      sum += 1.0 / (rank + 1);
      zipf[rank] = sum;
    }
  }

  /** Chains of blocks; equal ids have equal prefixes. */
  static int[][] of(int requests, long seed) {
    var stream = new GeneratedStream(seed);
    return IntStream.range(0, requests).mapToObj(i -> stream.next()).toArray(int[][]::new);
  }

  static int keys(int[][] requests) {
    return 1 + Arrays.stream(requests).flatMapToInt(Arrays::stream).max().orElse(-1);
  }

  private int[] next() {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> document(popular());
      case 3 -> fresh(1 + random.nextInt(DOCUMENT));
      case 4 -> document(POPULAR + (loopAt = (loopAt + 1) % LOOP));
      default -> turn(random.nextInt(conversations.length));
    };
  }

  private int popular() {
    int at = Arrays.binarySearch(zipf, random.nextDouble() * zipf[POPULAR - 1]);
    return at < 0 ? -at - 1 : at;
  }

  private static int[] document(int number) {
    int[] chain = new int[DOCUMENT];
    for (int i = 0; i < DOCUMENT; i++) {
      chain[i] = number * DOCUMENT + i;
    }
    return chain;
  }

  private int[] fresh(int blocks) {
    int[] chain = new int[blocks];
    for (int i = 0; i < blocks; i++) {
      chain[i] = nextKey++;
    }
    return chain;
  }

  private int[] turn(int number) {
    int[] before = conversations[number];
    if (before == null || random.nextInt(10) == 0) {
      conversations[number] = fresh(1 + random.nextInt(4));
    } else {
      int[] more = fresh(1 + random.nextInt(3));
      int[] chain = Arrays.copyOf(before, before.length + more.length);
      System.arraycopy(more, 0, chain, before.length, more.length);
      conversations[number] = chain;
    }
    return conversations[number];
  }
}
