package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.AttentionWindow;
import org.kvcache.spi.AttentionBackend;

class VectorKernelTest {

  @ParameterizedTest
  @ValueSource(strings = {"mxfp4", "lm16", "k8v4", "fp8", "bf16", "f32"})
  void keyThatIsNoNumberMakesItsRowsNoNumbers(String scheme) {
    float[] q = Head.gaussian(new Random(5), 3 * 128);
    float[] row = Head.gaussian(new Random(6), 128);
    float[] nan = row.clone();
    nan[37] = Float.NaN;
    for (int token : new int[] {0, 7, 300}) {
      var head = new Head(scheme, 128, 16, 301, 0, 1);
      head.replace(token, nan, row);
      for (AttentionBackend backend :
          new AttentionBackend[] {new ScalarBackend(), new VectorBackend()}) {
        float[] out = head.attend(backend.kernel(head.codec, 16, 3), 301, AttentionWindow.ALL, q);
        assertThat(out).as(backend.name()).containsOnly(Float.NaN);
      }
    }
  }
}
