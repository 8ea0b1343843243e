package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.ByteSize;
import org.kvcache.sim.report.TraceInfo;

final class CapacityTest {
  private static TraceInfo trace(int uniqueBlocks) {
    return new TraceInfo("t", "t.jsonl", "d", 1, uniqueBlocks, uniqueBlocks, 512, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "5%, 182790, 9139",
    "0.05, 182790, 9139",
    "1 %, 182790, 1827",
    "29%, 100, 29",
    "0.29, 100, 29",
    "100%, 7, 7",
    "1.0, 7, 7",
    "0.5%, 1000, 5",
    "1000, 182790, 1000",
    "5_000, 182790, 5000",
    "2k, 182790, 2000",
    "1M, 2000000, 1000000",
  })
  void sharesAreRoundedDownAndCountsAreExact(String text, int unique, int blocks) {
    assertThat(Capacity.parse(text).blocks(trace(unique), null)).isEqualTo(blocks);
  }

  @ParameterizedTest
  @CsvSource({
    "8GiB, llama3-8b, bf16, 128",
    "8GiB, llama3-8b, fp8, 256",
    "8GiB, llama3-8b, mxfp4, 481",
    "80GB, llama3-70b, bf16, 476",
    "1MiB, 1024, , 2",
    "64MiB, 128KiB, , 1",
  })
  void bytesByModel(String text, String name, String scheme, int blocks) {
    Model model = Model.of(name, Optional.ofNullable(scheme));
    assertThat(Capacity.parse(text).blocks(trace(100_000), model)).isEqualTo(blocks);
  }

  @Test
  void modelSaysWhatATokenTakes() {
    assertThat(Model.of("llama3-8b", Optional.empty()).describe())
        .isEqualTo("llama3-8b, bf16: 128 KiB per token");
    assertThat(Model.of("Qwen3-32B", Optional.of("fp8")).describe())
        .isEqualTo("qwen3-32b, fp8: 128 KiB per token");
  }

  @ParameterizedTest
  @CsvSource({"0", "0%", "0.0", "0GiB", "101%", "1.01", "x", "-1", "1e3", "5%%", "8 bytes", "''"})
  void malformed(String text) {
    assertThatThrownBy(() -> Capacity.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("capacity '" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({"512, 512 B", "1024, 1 KiB", "1536, 1.50 KiB", "17408, 17 KiB", "1e12, 931 GiB"})
  void byteSizes(double bytes, String text) {
    assertThat(ByteSize.format(bytes)).isEqualTo(text);
  }

  @Test
  void nearestName() {
    var names = java.util.List.of("lru", "arc", "adaptive", "s3-fifo");
    assertThat(NearestName.of("adpative", names)).contains("adaptive");
    assertThat(NearestName.of("S3FIFO", names)).contains("s3-fifo");
    assertThat(NearestName.of("something", names)).isEmpty();
  }
}
