package org.kvcache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class RowErrorsTest {

  @Test
  void squaredErrorsAreOverSquaredNormsOfAllRows() {
    var errors = new RowErrors();
    errors.add(new float[] {9, 3, 4, 0, 10}, 1, new float[] {3, 5, 0, 10}, 2);
    assertThat(errors.relative()).isCloseTo(1.0 / 125, within(1e-12));
    assertThat(errors.cosine()).isCloseTo((29 / (5 * Math.sqrt(34)) + 1) / 2, within(1e-12));
  }

  @Test
  void zerosReadAsZerosAreRight() {
    var errors = new RowErrors();
    errors.add(new float[2], 0, new float[2], 2);
    assertThat(errors.relative()).isZero();
    assertThat(errors.cosine()).isEqualTo(1);
  }

  @Test
  void nothingReadForSomethingIsAllWrong() {
    var errors = new RowErrors();
    errors.add(new float[] {1, 1}, 0, new float[2], 2);
    assertThat(errors.relative()).isEqualTo(1);
    assertThat(errors.cosine()).isZero();
  }

  @Test
  void mediansAreTakenOfEachNumberAlone() {
    Quality median =
        Quality.median(
            List.of(
                new Quality(1, 20, 3, 1, 5),
                new Quality(2, 10, 1, 2, 6),
                new Quality(3, 30, 2, 9, 4)));
    assertThat(median).isEqualTo(new Quality(2, 20, 2, 2, 5));
    assertThat(Quality.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
  }
}
