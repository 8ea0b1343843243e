package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.spi.BlockTier;

class RedisProcessesTest {

  private static final int COUNT = 20;
  private static final int BLOCK_BYTES = 5_000;

  @Test
  void blocksOfAnotherProcessAreLoaded(@TempDir Path folder) throws Exception {
    var blocks = SampleBlocks.of(COUNT, BLOCK_BYTES);
    try (var server = RedisProcess.in(folder)) {
      assertThat(outputOfOther(server.uri())).isEqualTo("stored " + COUNT);

      var settings = RedisTier.builder(server.uri()).timeout(Duration.ofSeconds(20));
      try (BlockTier tier = settings.build().factory().apply(blocks.context)) {
        assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
        assertThat(blocks.areLoaded(COUNT)).isTrue();
      }
    }
  }

  private static String outputOfOther(String uri) throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName(),
                uri,
                "" + COUNT,
                "" + BLOCK_BYTES)
            .redirectErrorStream(true)
            .start();
    try {
      String output =
          new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assertThat(other.waitFor()).as(output).isZero();
      return output;
    } finally {
      other.destroyForcibly();
    }
  }
}
