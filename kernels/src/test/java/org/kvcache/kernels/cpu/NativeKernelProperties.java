package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.kvcache.AttentionWindow;

class NativeKernelProperties {

  record Setting(
      String scheme,
      int dim,
      int heads,
      int block,
      int length,
      int staged,
      AttentionWindow window,
      long seed) {

    Head head() {
      return new Head(scheme, dim, block, length, staged, seed);
    }

    float[] queries() {
      return Head.gaussian(new Random(~seed), heads * dim);
    }
  }

  @Provide
  Arbitrary<Setting> settings() {
    Arbitrary<AttentionWindow> windows =
        Arbitraries.oneOf(
            Arbitraries.just(AttentionWindow.ALL),
            Combinators.combine(
                    Arbitraries.integers().between(0, 20), Arbitraries.integers().between(1, 90))
                .as(AttentionWindow::new));
    return Combinators.combine(
            Arbitraries.of(
                "mxfp4",
                "mxfp4:ocp+mxfp4:uq",
                "lm16",
                "k8v4",
                "fp8",
                "bf16",
                "f32",
                "mxfp4+bf16",
                "f32+lm16",
                "fp8:unit+mxfp4",
                "bf16+f32"),
            Arbitraries.of(64, 128, 256),
            Arbitraries.of(1, 2, 3, 4, 6, 8, 16),
            Arbitraries.of(1, 16, 32, 64, 128),
            Arbitraries.integers().between(1, 700),
            Arbitraries.of(0, 0, 1, 40, 400),
            windows,
            Arbitraries.longs())
        .as(Setting::new);
  }

  @Property(tries = 250, seed = "21")
  void everyLevelAgreesWithExactAttentionOnTheStoredRows(@ForAll("settings") Setting setting) {
    Head head = setting.head();
    float[] q = setting.queries();
    // Queries become integers of 16 bits for keys of four.
    boolean rounded = setting.scheme.startsWith("mxfp4") || setting.scheme.startsWith("lm16");
    for (int seen : new int[] {head.length, 1 + (head.length - 1) / 2}) {
      double[] exact = head.exact(seen, setting.window, q);
      for (NativeLevel level : NativeLevels.here()) {
        var kernel = NativeLevels.kernel(head, setting.heads, level);
        float[] out = head.attend(kernel, seen, setting.window, q);
        assertThat(error(out, exact)).as("%s", level).isLessThan(rounded ? 3e-4 : 1e-5);
        assertThat(head.attend(kernel, seen, setting.window, q)).isEqualTo(out);
      }
    }
  }

  @Property(tries = 60, seed = "22")
  void queriesOfEightBitsAreThoseOfTheVectorBackend(@ForAll("settings") Setting any) {
    var setting =
        new Setting(
            "ultraquant",
            any.dim,
            any.heads,
            any.block,
            any.length,
            any.staged,
            any.window,
            any.seed);
    Head head = setting.head();
    float[] q = setting.queries();
    var vector = new VectorBackend().kernel(head.codec, head.blockTokens, setting.heads);
    float[] floats = head.attend(vector, head.length, setting.window, q);
    double[] expected = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      expected[i] = floats[i];
    }
    for (NativeLevel level : NativeLevels.here()) {
      var kernel = NativeLevels.kernel(head, setting.heads, level);
      float[] out = head.attend(kernel, head.length, setting.window, q);
      assertThat(error(out, expected)).as("%s", level).isLessThan(2e-3);
    }
  }

  /** Length of the difference by the length of what is right. */
  private static double error(float[] out, double[] exact) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < out.length; i++) {
      difference += (out[i] - exact[i]) * (out[i] - exact[i]);
      length += exact[i] * exact[i];
    }
    return Math.sqrt(difference / length);
  }
}
