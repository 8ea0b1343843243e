package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import org.kvcache.AttentionWindow;

@Tag("vector")
class AttentionProperties {

  @Provide
  Arbitrary<HeadSetting> settings() {
    return HeadSetting.arbitrary(
            Arbitraries.of(
                "lm16",
                "mxfp4",
                "mxfp4m",
                "k8v4",
                "ultraquant",
                "turbo4",
                "kivi4",
                "fp8",
                "bf16",
                "f32"),
            Arbitraries.of(1, 2, 4, 8),
            Arbitraries.just(16),
            700)
        .map(any -> any.scheme().equals("kivi4") ? any.withBlocks(128, 130) : any);
  }

  @Property(tries = 250, seed = "11")
  void backendsAgreeWithExactAttentionOnTheStoredRows(@ForAll("settings") HeadSetting setting) {
    Head head = setting.head();
    float[] q = setting.queries();
    // Queries of eight bits are another input, not another rounding.
    double tolerance = setting.scheme().equals("ultraquant") ? 0.2 : 3e-5;
    for (int seen : new int[] {head.length, 1 + (head.length - 1) / 2}) {
      double[] exact = head.exact(seen, setting.window(), q);
      var scalar = new ScalarBackend().kernel(head.codec, head.blockTokens, setting.heads());
      var vector = new VectorBackend().kernel(head.codec, head.blockTokens, setting.heads());
      float[] slow = head.attend(scalar, seen, setting.window(), q);
      float[] fast = head.attend(vector, seen, setting.window(), q);
      for (int i = 0; i < exact.length; i++) {
        assertThat((double) slow[i]).isCloseTo(exact[i], within(3e-5));
        assertThat((double) fast[i]).isCloseTo(exact[i], within(tolerance));
      }
      assertThat(head.attend(vector, seen, setting.window(), q)).isEqualTo(fast);
    }
  }

  @Property(tries = 100, seed = "12")
  void vectorsGiveTheBitsOfPlainJava(@ForAll("settings") HeadSetting setting) {
    Head head = setting.head();
    float[] q = setting.queries();
    var plain =
        new VectorKernel(head.codec, head.blockTokens, setting.heads(), ScalarSoftmax.INSTANCE);
    var vector =
        new VectorKernel(head.codec, head.blockTokens, setting.heads(), new VectorSoftmax());
    assertThat(head.attend(vector, head.length, setting.window(), q))
        .isEqualTo(head.attend(plain, head.length, setting.window(), q));
  }

  @Property(tries = 100, seed = "13")
  void scalarOnF32IsThePlainLoopToTheLastBit(
      @ForAll("settings") HeadSetting any, @ForAll boolean staged) {
    var setting = any.withScheme("f32").withStaged(staged ? 20 : 0);
    Head head = setting.head();
    float[] q = setting.queries();
    int dim = setting.dim();
    float[] expected = new float[q.length];
    for (int h = 0; h < setting.heads(); h++) {
      float[] att = new float[head.length];
      float max = Float.NEGATIVE_INFINITY;
      for (int t = 0; t < head.length; t++) {
        float score = 0;
        for (int d = 0; d < dim; d++) {
          score += q[h * dim + d] * head.keys[t * dim + d];
        }
        att[t] = score * head.scale();
        max = Math.max(max, att[t]);
      }
      float sum = 0;
      for (int t = 0; t < head.length; t++) {
        att[t] = (float) Math.exp(att[t] - max);
        sum += att[t];
      }
      for (int t = 0; t < head.length; t++) {
        att[t] /= sum;
      }
      for (int t = 0; t < head.length; t++) {
        for (int d = 0; d < dim; d++) {
          expected[h * dim + d] += att[t] * head.values[t * dim + d];
        }
      }
    }
    var kernel = new ScalarBackend().kernel(head.codec, head.blockTokens, setting.heads());
    assertThat(head.attend(kernel, head.length, AttentionWindow.ALL, q)).isEqualTo(expected);
  }
}
