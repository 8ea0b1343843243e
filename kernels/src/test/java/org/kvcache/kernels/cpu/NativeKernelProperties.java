package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class NativeKernelProperties {

  @Provide
  Arbitrary<HeadSetting> settings() {
    return HeadSetting.arbitrary(
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
        Arbitraries.of(1, 2, 3, 4, 6, 8, 16),
        Arbitraries.of(1, 16, 32, 64, 128),
        700);
  }

  @Property(tries = 250, seed = "21")
  void everyLevelAgreesWithExactAttentionOnTheStoredRows(@ForAll("settings") HeadSetting setting) {
    Head head = setting.head();
    float[] q = setting.queries();
    // Queries become integers of 16 bits for keys of four.
    boolean rounded = setting.scheme().startsWith("mxfp4") || setting.scheme().startsWith("lm16");
    for (int seen : new int[] {head.length, 1 + (head.length - 1) / 2}) {
      double[] exact = head.exact(seen, setting.window(), q);
      for (NativeLevel level : NativeLevels.here()) {
        var kernel = NativeLevels.kernel(head, setting.heads(), level);
        float[] out = head.attend(kernel, seen, setting.window(), q);
        assertThat(error(out, exact)).as("%s", level).isLessThan(rounded ? 3e-4 : 1e-5);
        assertThat(head.attend(kernel, seen, setting.window(), q)).isEqualTo(out);
      }
    }
  }

  @Property(tries = 60, seed = "22")
  void queriesOfEightBitsAreThoseOfTheVectorBackend(@ForAll("settings") HeadSetting any) {
    var setting = any.withScheme("ultraquant");
    Head head = setting.head();
    float[] q = setting.queries();
    var vector = new VectorBackend().kernel(head.codec, head.blockTokens, setting.heads());
    float[] floats = head.attend(vector, head.length, setting.window(), q);
    double[] expected = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      expected[i] = floats[i];
    }
    for (NativeLevel level : NativeLevels.here()) {
      var kernel = NativeLevels.kernel(head, setting.heads(), level);
      float[] out = head.attend(kernel, head.length, setting.window(), q);
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
