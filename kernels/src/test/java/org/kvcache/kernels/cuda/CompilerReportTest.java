package org.kvcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What ptxas says of the kernels, for each architecture. */
class CompilerReportTest {

  private static final Pattern ENTRY =
      Pattern.compile("Compiling entry function '(\\w+)' for '(\\w+)'");
  private static final Pattern SPILLS = Pattern.compile("(\\d+) bytes spill stores");
  private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");

  private static final Set<String> ARCHITECTURES =
      Set.of("sm_80", "sm_89", "sm_90a", "sm_100", "sm_120a");

  record Entry(String kernel, String architecture, int spilled, int registers) {}

  private static final List<Entry> ENTRIES = new ArrayList<>();

  @BeforeAll
  static void read() throws IOException {
    String report = "/META-INF/native/kvcache-cuda.ptxas.txt";
    try (InputStream in = CompilerReportTest.class.getResourceAsStream(report)) {
      assumeTrue(in != null, "the CUDA kernels were not built: nvcc was not found");
      String kernel = "";
      String architecture = "";
      int spilled = -1;
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        Matcher entry = ENTRY.matcher(line);
        Matcher spills = SPILLS.matcher(line);
        Matcher registers = REGISTERS.matcher(line);
        if (entry.find()) {
          kernel = entry.group(1);
          architecture = entry.group(2);
        } else if (spills.find()) {
          spilled = Integer.parseInt(spills.group(1));
        } else if (registers.find()) {
          ENTRIES.add(
              new Entry(kernel, architecture, spilled, Integer.parseInt(registers.group(1))));
        }
      }
    }
  }

  @Test
  void everyKernelIsThereForEveryArchitecture() {
    for (String architecture : ARCHITECTURES) {
      Set<String> kernels =
          ENTRIES.stream()
              .filter(entry -> entry.architecture.equals(architecture))
              .map(Entry::kernel)
              .collect(Collectors.toCollection(TreeSet::new));
      Set<String> expected = new TreeSet<>(Set.of("kvcache_mass", "kvcache_topk", "kvcache_copy"));
      for (int dim : new int[] {64, 128, 256}) {
        for (String scheme : List.of("bf16", "fp8", "mxfp4", "k8v4", "lm16")) {
          expected.add("kvcache_store_" + scheme + "_" + dim);
          for (String variant : List.of("decode8", "decode16", "block")) {
            expected.add("kvcache_attend_" + scheme + "_" + dim + "_" + variant);
          }
        }
        for (String format : List.of("bf16", "fp8", "mxfp4", "lm16")) {
          expected.add("kvcache_score_" + format + "_" + dim);
        }
      }
      assertThat(kernels).as(architecture).isEqualTo(expected);
    }
  }

  @Test
  void nothingIsSpilledWhereRegistersCanBeEnough() {
    assertThat(ENTRIES)
        .filteredOn(entry -> !twoTilesOf256(entry.kernel))
        .allSatisfy(entry -> assertThat(entry.spilled).as(entry.toString()).isZero());
  }

  @Test
  void whatTwoTilesOfTheLongestRowsSpillIsAFewAddresses() {
    assertThat(ENTRIES)
        .filteredOn(entry -> twoTilesOf256(entry.kernel))
        .isNotEmpty()
        .allSatisfy(
            entry -> assertThat(entry.spilled).as(entry.toString()).isLessThanOrEqualTo(48));
  }

  @Test
  void decodingLeavesRoomForThreeBlocksOnAMultiprocessor() {
    assertThat(ENTRIES)
        .filteredOn(entry -> entry.kernel.endsWith("_128_decode8"))
        .hasSize(5 * ARCHITECTURES.size())
        .allSatisfy(entry -> assertThat(entry.registers).isLessThanOrEqualTo(65536 / (3 * 128)));
  }

  private static boolean twoTilesOf256(String kernel) {
    return kernel.endsWith("_256_decode16") || kernel.endsWith("_256_block");
  }
}
