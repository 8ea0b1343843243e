package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector")
class ExponentialTest {

  @Test
  void isWithinOneAndAHalfUlpOfTheExactResult() {
    for (int i = 0; i < 3_000_000; i++) {
      float x = -i * 2.9e-5f;
      double exact = Math.exp(x);
      double ulp = Math.ulp((float) exact);
      assertThat(Math.abs(Exponential.of(x) - exact))
          .as("exp(%s)", x)
          .isLessThanOrEqualTo(1.5 * ulp);
    }
    assertThat(Exponential.of(0)).isEqualTo(1);
    assertThat(Exponential.of(-88)).isZero();
    assertThat(Exponential.of(Float.NEGATIVE_INFINITY)).isZero();
  }

  @Test
  void vectorsGiveTheBitsOfPlainJava() {
    var vector = new VectorSoftmax();
    var random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      int count = 16 * (1 + random.nextInt(20));
      float[] x = new float[count + 3];
      for (int i = 0; i < x.length; i++) {
        x[i] =
            switch (random.nextInt(12)) {
              case 0 -> Float.NEGATIVE_INFINITY;
              case 1 -> 0;
              default -> (float) (random.nextGaussian() * 40);
            };
      }
      x[3] = 1;
      float largest = vector.largest(x, 3, count);
      assertThat(largest).isEqualTo(ScalarSoftmax.INSTANCE.largest(x, 3, count));
      float[] twin = x.clone();
      float sum = vector.weights(x, 3, count, 0.3f, largest * 0.3f);
      assertThat(Float.floatToRawIntBits(sum))
          .isEqualTo(
              Float.floatToRawIntBits(
                  ScalarSoftmax.INSTANCE.weights(twin, 3, count, 0.3f, largest * 0.3f)));
      assertThat(x).isEqualTo(twin);
    }
  }
}
