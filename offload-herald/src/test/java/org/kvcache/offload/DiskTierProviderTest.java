package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.BlockKey;
import org.kvcache.spi.BlockTier;
import org.kvcache.spi.TierContext;
import org.kvcache.spi.TierProvider;
import org.kvcache.spi.TierSpec;
import org.kvcache.spi.TierSpec.StoreWhen;

class DiskTierProviderTest {

  @TempDir Path root;

  @Test
  void settingsReachTheTier() throws Exception {
    TierSpec spec =
        TierProvider.named("disk")
            .spec(
                Map.of(
                    "path", root.toString(),
                    "bytes", "1MiB",
                    "policy", "lru",
                    "segment", "128KiB",
                    "when", "evicted"));
    assertThat(spec.name()).isEqualTo("disk");
    assertThat(spec.when()).isEqualTo(StoreWhen.EVICTED);
    var space = new BlockKey(5, 6);
    try (BlockTier tier = spec.factory().apply(new TierContext(space, "x", 100, 1))) {
      assertThat(tier.status().limitBytes()).isEqualTo(1 << 20);
    }
    assertThat(Files.readString(root.resolve(space.toString()).resolve("format")))
        .contains("segment bytes: 131072");
  }

  @Test
  void pathAndBytesAreEnough() {
    TierSpec spec =
        TierProvider.named("disk").spec(Map.of("path", root.toString(), "bytes", "64 GiB"));
    assertThat(spec.when()).isEqualTo(StoreWhen.COMMITTED);
    assertThat(DiskTier.at(root, 1 << 20).when()).isEqualTo(StoreWhen.COMMITTED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bytes   | a lot   | field 'bytes' must be an amount like 64GiB, not 'a lot'
          bytes   | 0B      | field 'bytes' must be an amount like 64GiB, not '0B'
          segment | -1      | field 'segment' must be an amount like 64GiB, not '-1'
          when    | never   | field 'when' must be committed or evicted, not 'never'
          policy  | best    | unknown policy 'best'; known:
          size    | 1GiB    | unknown field 'size'; known: path, bytes, policy, segment, when
          """)
  void wrongFieldIsNamed(String field, String value, String message) {
    var settings = new HashMap<>(Map.of("path", "x", "bytes", "1GiB"));
    settings.put(field, value);
    assertThatThrownBy(() -> TierProvider.named("disk").spec(settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"path", "bytes"})
  void missingFieldIsNamed(String field) {
    var settings = new HashMap<>(Map.of("path", "x", "bytes", "1GiB"));
    settings.remove(field);
    assertThatThrownBy(() -> TierProvider.named("disk").spec(settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("field '" + field + "' is missing");
  }

  @Test
  void amountsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> DiskTier.at(root, 0)).hasMessageContaining("more than 0 bytes");
    assertThatThrownBy(() -> DiskTier.at(root, 1, "lru", -1)).hasMessageContaining("-1");
  }
}
