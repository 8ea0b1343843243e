package org.kvcache.bench.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.kvcache.kernels.device.Device;

/**
 * Every kernel on the host, each launch twice in opposite orders of threads. Outputs begin full of
 * NaN, and so does all that a kernel must not read.
 */
class EmulatedKernelsTest {

  private static final long SEED = 5;
  private static final List<KernelCase> CASES = KernelCase.covering(SEED);

  static Stream<Arguments> targetsAndSchemes() {
    return Stream.of(KernelTarget.EMU_CUDA, KernelTarget.EMU_SM90, KernelTarget.EMU_HIP)
        .flatMap(target -> KernelCase.SCHEMES.stream().map(scheme -> Arguments.of(target, scheme)));
  }

  private static Device open(KernelTarget target) {
    String missing = target.unavailable();
    assumeTrue(missing == null, missing);
    return target.open(SEED);
  }

  private static boolean few(CheckCase shape) {
    return shape.queryTokens() * shape.group() <= 8;
  }

  private static void assertPassed(List<CheckResult> results) {
    assertThat(results).isNotEmpty().allMatch(CheckResult::passed, "within its limit");
  }

  @ParameterizedTest
  @MethodSource("targetsAndSchemes")
  void storeHasTheBytesOfTheCodecAndAttentionIsExact(KernelTarget target, String scheme) {
    try (Device device = open(target)) {
      for (KernelCase each : CASES) {
        if (each.scheme().equals(scheme)) {
          assertPassed(new DeviceCheck(device, scheme, each.dim(), each.shape()).run(each.seed()));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("targetsAndSchemes")
  void massIsThatOfExactSoftmaxAndTopKIsSorted(KernelTarget target, String scheme) {
    try (Device device = open(target)) {
      for (KernelCase each : CASES) {
        CheckCase shape = each.shape();
        if (each.scheme().equals(scheme) && shape.decodes() && !few(shape)) {
          assertPassed(new ScoringCheck(device, scheme, each.dim(), shape).run(each.seed()));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EMU_CUDA", "EMU_SM90", "EMU_HIP"})
  void pagesComeFromPinnedMemoryAndGoBack(KernelTarget target) {
    try (Device device = open(target)) {
      for (long pageBytes : new long[] {16, 1040, 8704, 70_000}) {
        assertPassed(List.of(CopyCheck.run(device, pageBytes, SEED)));
      }
    }
  }

  @Test
  void casesReachEveryAttentionKernelInEverySchemeAndHeadDim() {
    for (String scheme : KernelCase.SCHEMES) {
      for (int dim : KernelCase.DIMS) {
        List<CheckCase> shapes =
            CASES.stream()
                .filter(each -> each.scheme().equals(scheme) && each.dim() == dim)
                .map(KernelCase::shape)
                .toList();
        assertThat(shapes)
            .anyMatch(shape -> shape.decodes() && few(shape))
            .anyMatch(shape -> shape.decodes() && !few(shape))
            .anyMatch(shape -> !shape.decodes());
      }
    }
    for (int group : KernelCase.GROUPS) {
      assertThat(CASES.stream().map(KernelCase::shape).filter(shape -> shape.group() == group))
          .extracting(CheckCase::blockTokens)
          .containsAll(KernelCase.BLOCK_TOKENS);
    }
  }
}
