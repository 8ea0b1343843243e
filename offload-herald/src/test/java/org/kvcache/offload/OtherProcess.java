package org.kvcache.offload;

import java.time.Duration;

/** Stores the sample blocks from a JVM of its own: {@code OtherProcess uri count blockBytes}. */
final class OtherProcess {

  private OtherProcess() {}

  public static void main(String[] arguments) {
    var blocks = SampleBlocks.of(Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]));
    var settings = RedisTier.builder(arguments[0]).timeout(Duration.ofSeconds(20));
    try (var tier = settings.build().factory().apply(blocks.context)) {
      System.out.println("stored " + blocks.storeIn(tier));
    }
  }
}
