package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class E2M1Test {

  private static final FloatFormat FORMAT = FloatFormat.E2M1;

  @Test
  void codesDecodeToTheirFields() {
    for (int code = 0; code < 16; code++) {
      assertThat(E2M1.decode(code)).isEqualTo((float) FORMAT.value(code));
    }
  }

  @Test
  void levelsAreThoseOfTheSpecification() {
    float[] levels = new float[8];
    for (int code = 0; code < 8; code++) {
      levels[code] = E2M1.decode(code);
    }
    assertThat(levels).containsExactly(0, 0.5f, 1, 1.5f, 2, 3, 4, 6);
  }

  @Test
  void onlyTheLowFourBitsCount() {
    assertThat(E2M1.decode(0xA7)).isEqualTo(6);
  }

  @Test
  void valuesEncodeToTheirCodes() {
    for (int code = 0; code < 16; code++) {
      assertThat(E2M1.encode(E2M1.decode(code))).isEqualTo(code);
    }
  }

  @Test
  void roundsToTheNearestEven() {
    for (float x : FORMAT.probes()) {
      assertThat(E2M1.encode(x)).as("%s", x).isEqualTo(FORMAT.nearest(x));
    }
  }

  @Test
  void nanIsZero() {
    assertThat(E2M1.encode(Float.NaN)).isZero();
    assertThat(E2M1.encode(Float.intBitsToFloat(0xFFFF_FFFF))).isZero();
    assertThat(E2M1.encodeTiesDown(Float.NaN)).isZero();
    assertThat(E2M1.encodeTiesDown(Float.intBitsToFloat(0xFFFF_FFFF))).isZero();
  }

  @Test
  void tiesDownIsTheLowerOfTheNearestLevels() {
    for (float x : FORMAT.probes()) {
      assertThat(E2M1.encodeTiesDown(x)).as("%s", x).isEqualTo(lowestNearest(x));
    }
  }

  private static int lowestNearest(float x) {
    double value = Math.clamp((double) x, -6, 6);
    int best = 15;
    for (int code : new int[] {14, 13, 12, 11, 10, 9, 0, 1, 2, 3, 4, 5, 6, 7}) {
      if (Math.abs(FORMAT.value(code) - value) < Math.abs(FORMAT.value(best) - value)) {
        best = code;
      }
    }
    return best;
  }

  @Test
  void tiesDownOfTheMidpoints() {
    float[] midpoints = {-5, -3.5f, -2.5f, -0.75f, -0.25f, 0.25f, 0.75f, 2.5f, 3.5f, 5};
    float[] levels = new float[midpoints.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = E2M1.decode(E2M1.encodeTiesDown(midpoints[i]));
    }
    assertThat(levels).containsExactly(-6, -4, -3, -1, -0.5f, 0, 0.5f, 2, 3, 4);
  }
}
