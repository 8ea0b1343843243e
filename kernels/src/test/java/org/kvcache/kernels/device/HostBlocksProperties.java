package org.kvcache.kernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.kvcache.kernels.cpu.Head;
import org.kvcache.kernels.cpu.HeadSetting;
import org.kvcache.kernels.emu.EmulatedDevice;
import org.kvcache.kernels.emu.EmulatedTarget;

@AddLifecycleHook(HostBlocksProperties.NeedsEmulation.class)
class HostBlocksProperties {

  static final class NeedsEmulation implements SkipExecutionHook {

    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      String missing = EmulatedDevice.unavailable();
      return missing == null ? SkipResult.doNotSkip() : SkipResult.skip(missing);
    }
  }

  private static final double LIMIT = 2e-3;

  // Decoding on sm_90a has queries of eight significant bits, all else of eleven.
  private static final double SHORT_QUERIES_LIMIT = 6e-3;

  record Setting(EmulatedTarget target, HeadSetting head) {

    double limit() {
      boolean shortQueries = target == EmulatedTarget.SM90 && !head.scheme().equals("bf16");
      return shortQueries ? SHORT_QUERIES_LIMIT : LIMIT;
    }
  }

  @Provide
  Arbitrary<Setting> settings() {
    return Combinators.combine(
            Arbitraries.of(EmulatedTarget.class),
            HeadSetting.arbitrary(
                Arbitraries.of("bf16", "fp8", "mxfp4", "ultraquant", "k8v4", "lm16"),
                Arbitraries.of(1, 2, 4, 6, 8, 16),
                Arbitraries.of(16, 32, 64, 128),
                330))
        .as(Setting::new);
  }

  @Property(tries = 80, seed = "21")
  void anEmulatedDeviceAttendsToBlocksInHostMemory(@ForAll("settings") Setting setting) {
    HeadSetting of = setting.head;
    Head head = of.head();
    if (of.scheme().equals("bf16")) {
      roundToBf16(head.keys); // as devices do with rows that are not encoded yet
      roundToBf16(head.values);
    }
    float[] q = of.queries();
    try (Device device = EmulatedDevice.openChecked(setting.target, (int) of.seed())) {
      var kernel = new HostBlocks(device).kernel(head.codec, head.blockTokens, of.heads());
      for (int seen : new int[] {head.length, 1 + (head.length - 1) / 2}) {
        float[] out = head.attend(kernel, seen, of.window(), q);
        double[] exact = head.exact(seen, of.window(), q);
        for (int row = 0; row < of.heads(); row++) {
          assertThat(error(exact, out, row, of.dim())).isLessThan(setting.limit());
        }
      }
    }
  }

  private static void roundToBf16(float[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      int bits = Float.floatToRawIntBits(numbers[i]);
      numbers[i] = Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
    }
  }

  /** The norm of the difference over the norm of what is right; NaN is less than nothing. */
  private static double error(double[] exact, float[] out, int row, int dim) {
    double difference = 0;
    double norm = 0;
    for (int i = row * dim; i < (row + 1) * dim; i++) {
      difference += (out[i] - exact[i]) * (out[i] - exact[i]);
      norm += exact[i] * exact[i];
    }
    return Math.sqrt(difference / norm);
  }
}
