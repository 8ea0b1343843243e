package org.kvcache.kernels.hip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.kernels.hip.CodeObject.Instruction;

/** What the compiler has made of the kernels: no AMD GPU is needed to see that. */
class CodeObjectTest {
  private static final List<String> SCHEMES = List.of("bf16", "fp8", "mxfp4", "k8v4", "lm16");
  private static final List<String> KEYS = List.of("bf16", "fp8", "mxfp4", "lm16");
  private static final int[] DIMS = {64, 128, 256};
  private static final String SCALED = "v_mfma_scale_f32_16x16x128_f8f6f4";
  private static final Pattern VECTOR_SCALES =
      Pattern.compile(SCALED + " \\S+, \\S+, \\S+, \\S+, v\\d+, v\\d+ .*");

  private static final Map<String, CodeObject> OBJECTS = new HashMap<>();

  @BeforeAll
  static void read(@TempDir Path folder) throws Exception {
    URL url = CodeObjectTest.class.getResource("/META-INF/native/kvcache-hip.hipfb");
    assumeTrue(url != null && CodeObject.canBeRead(), "the code object for HIP was not built");
    for (String architecture : List.of("gfx942", "gfx950")) {
      OBJECTS.put(architecture, CodeObject.of(architecture, Path.of(url.toURI()), folder));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gfx942", "gfx950"})
  void everyKernelIsThereWithItsInfo(String architecture) {
    CodeObject object = OBJECTS.get(architecture);

    assertThat(object.kernels().keySet()).containsExactlyInAnyOrderElementsOf(names());
    assertThat(object.symbols()).containsAll(names().stream().map(name -> name + "_info").toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gfx942", "gfx950"})
  void registersSufficeWithoutMemory(String architecture) {
    CodeObject object = OBJECTS.get(architecture);

    object
        .kernels()
        .forEach((name, notes) -> {
          assertThat(notes).as(name).containsEntry("vgpr_spill_count", "0");
          // LLVM 20 reserves 32 bytes for copies on gfx942 and leaves them alone.
          if (!name.equals("kvcache_copy")) {
            assertThat(notes).as(name).containsEntry("private_segment_fixed_size", "0");
          }
        });
    object
        .instructions()
        .forEach((name, code) ->
            assertThat(code).as(name).noneMatch(i -> i.text().startsWith("scratch_")));
  }

  @Test
  void scaledProductsOfFourBitKeysAreInTheLoop() {
    Map<String, List<Instruction>> kernels = OBJECTS.get("gfx950").instructions();

    for (int dim : DIMS) {
      for (String kernel :
          List.of(
              "kvcache_attend_mxfp4_%d_decode16",
              "kvcache_attend_mxfp4_%d_block", "kvcache_score_mxfp4_%d")) {
        String name = kernel.formatted(dim);
        assertThat(kernels.get(name))
            .as(name)
            .filteredOn(i -> i.text().startsWith(SCALED))
            .isNotEmpty()
            .allMatch(i -> i.text().contains("cbsz:4"))
            .allMatch(i -> !loopOf(kernels.get(name), i).isEmpty());
      }
    }
  }

  /** LLVM 20 would drop other selectors, and the hardware reads other bits of a scalar register. */
  @Test
  void scalesAreLowBytesOfVectorRegisters() {
    List<String> products =
        OBJECTS.get("gfx950").instructions().values().stream()
            .flatMap(List::stream)
            .map(Instruction::text)
            .filter(text -> text.startsWith(SCALED))
            .toList();

    assertThat(products)
        .isNotEmpty()
        .allMatch(text -> VECTOR_SCALES.matcher(text).matches())
        .allMatch(text -> text.contains("op_sel_hi:[0,0,0]"))
        .noneMatch(text -> text.contains("op_sel:["));
  }

  /** A load into a register would have to wait for all copies into shared memory before it. */
  @Test
  void keysAndValuesGoPastTheRegisters() {
    List<Instruction> kernel =
        OBJECTS.get("gfx950").instructions().get("kvcache_attend_mxfp4_128_decode16");
    List<Instruction> loop =
        kernel.stream()
            .filter(i -> i.text().startsWith(SCALED))
            .flatMap(product -> loopOf(kernel, product).stream())
            .toList();

    assertThat(loop)
        .anyMatch(i -> i.text().startsWith("global_load_lds_dwordx4"))
        .noneMatch(i -> i.text().startsWith("global_load_dword"));
  }

  /** From the first place that is jumped back to across an instruction, to the last such jump. */
  private static List<Instruction> loopOf(List<Instruction> kernel, Instruction inside) {
    List<Instruction> jumps =
        kernel.stream()
            .filter(i ->
                i.jumpsBack() && i.target() <= inside.address() && inside.address() <= i.address())
            .toList();
    long from = jumps.stream().mapToLong(Instruction::target).min().orElse(Long.MAX_VALUE);
    long to = jumps.stream().mapToLong(Instruction::address).max().orElse(Long.MIN_VALUE);
    return kernel.stream().filter(i -> from <= i.address() && i.address() <= to).toList();
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>(List.of("kvcache_mass", "kvcache_topk", "kvcache_copy"));
    for (int dim : DIMS) {
      for (String scheme : SCHEMES) {
        names.add("kvcache_store_%s_%d".formatted(scheme, dim));
        names.add("kvcache_attend_%s_%d_decode16".formatted(scheme, dim));
        names.add("kvcache_attend_%s_%d_block".formatted(scheme, dim));
      }
      for (String keys : KEYS) {
        names.add("kvcache_score_%s_%d".formatted(keys, dim));
      }
    }
    return names;
  }
}
