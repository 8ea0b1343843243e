package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Fp16Test {

  private static final FloatFormat FORMAT = FloatFormat.FP16;
  private static final int INFINITY = 0x7C00;

  @Test
  void finiteCodesDecodeToTheirFields() {
    for (int code = 0; code < INFINITY; code++) {
      assertThat(Fp16.decode((short) code)).isEqualTo((float) FORMAT.value(code));
      assertThat(Fp16.decode((short) (code | 0x8000)))
          .isEqualTo((float) FORMAT.value(code | 0x8000));
    }
  }

  @Test
  void infinitiesAndNans() {
    assertThat(Fp16.decode((short) INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Fp16.decode((short) (INFINITY | 0x8000))).isEqualTo(Float.NEGATIVE_INFINITY);
    for (int code = INFINITY + 1; code < 0x8000; code++) {
      assertThat(Fp16.decode((short) code)).isNaN();
      assertThat(Fp16.decode((short) (code | 0x8000))).isNaN();
    }
  }

  @Test
  void valuesEncodeToTheirCodes() {
    for (int code = 0; code <= INFINITY; code++) {
      assertThat(Fp16.encode(Fp16.decode((short) code))).isEqualTo((short) code);
      assertThat(Fp16.encode(Fp16.decode((short) (code | 0x8000))))
          .isEqualTo((short) (code | 0x8000));
    }
  }

  @Test
  void roundsToTheNearestEvenAndOverflowsToInfinity() {
    for (float x : FORMAT.probes()) {
      assertThat(Fp16.encode(x)).as("%s", x).isEqualTo((short) FORMAT.nearest(x));
    }
  }

  @Test
  void nanIsQuietAndKeepsSignAndUpperPayload() {
    int quiet = INFINITY | 0x200;
    assertThat(Fp16.encode(Float.intBitsToFloat(0x7F80_0001))).isEqualTo((short) quiet);
    assertThat(Fp16.encode(Float.intBitsToFloat(0xFFFF_FFFF))).isEqualTo((short) 0xFFFF);
    assertThat(Fp16.encode(Float.intBitsToFloat(0x7F80_0001 | 5 << (23 - 10))))
        .isEqualTo((short) (quiet | 5));
  }
}
