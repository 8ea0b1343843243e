package org.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.Calibration.Origin;

class CalibrationTest {

  private static HeadCalibration head(float mean) {
    float[] ones = {1, 1};
    return new HeadCalibration(new float[] {mean, 0}, ones, ones, 1);
  }

  @Test
  void headsLieLayerByLayer() {
    var heads = List.of(head(0), head(1), head(2), head(3), head(4), head(5));
    var calibration = new Calibration(2, 3, heads, Origin.NONE);
    assertThat(calibration.of(0, 2)).isEqualTo(head(2));
    assertThat(calibration.of(1, 0)).isEqualTo(head(3));
    assertThat(calibration.headDim()).isEqualTo(2);
    assertThat(calibration.isIdentity()).isFalse();
  }

  @Test
  void identityStoresAllAsItComes() {
    Calibration identity = Calibration.identity(3, 2, 64);
    assertThat(identity.layers()).isEqualTo(3);
    assertThat(identity.kvHeads()).isEqualTo(2);
    assertThat(identity.headDim()).isEqualTo(64);
    assertThat(identity.isIdentity()).isTrue();
    assertThat(identity.origin()).isEqualTo(Origin.NONE);
  }

  @ParameterizedTest
  @CsvSource({"-1, 0", "2, 0", "0, -1", "0, 3"})
  void placeThatIsNotThereIsNamed(int layer, int head) {
    Calibration calibration = Calibration.identity(2, 3, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> calibration.of(layer, head))
        .withMessage(
            "no layer %d, KV head %d; layers are 0 to 1 and KV heads 0 to 2"
                .formatted(layer, head));
  }

  @Test
  void numberOfHeadsMustFit() {
    var heads = Collections.nCopies(5, head(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Calibration(2, 3, heads, Origin.NONE))
        .withMessage("5 heads are given; 2 layers of 3 KV heads need 6");
    assertThatIllegalArgumentException().isThrownBy(() -> Calibration.identity(0, 3, 4));
    assertThatIllegalArgumentException().isThrownBy(() -> Calibration.identity(2, 0, 4));
    assertThatIllegalArgumentException().isThrownBy(() -> Calibration.identity(2, 3, 0));
  }

  @Test
  void headsNeedOneDimension() {
    var heads = List.of(head(1), head(1), HeadCalibration.identity(3), head(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Calibration(2, 2, heads, Origin.NONE))
        .withMessageStartingWith("layer 1, KV head 0 has 3 channels, the first has 2");
  }

  @Test
  void modelIsNamedWithoutChangingTheNumbers() {
    Calibration plain = Calibration.identity(1, 1, 2);
    Calibration named = plain.withModel("tiny");
    assertThat(named.origin().model()).isEqualTo("tiny");
    assertThat(named.heads()).isEqualTo(plain.heads());
    assertThat(named).isNotEqualTo(plain);
    assertThat(named.withModel("")).isEqualTo(plain);
    assertThat(named)
        .hasToString("calibration[model=tiny, layers=1, kvHeads=1, headDim=2, identity]");
  }

  @Test
  void rowsAreCountedFromZero() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Origin("", "", -1, 0, 0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Origin("", "", 0, 0, 0, -1));
  }
}
