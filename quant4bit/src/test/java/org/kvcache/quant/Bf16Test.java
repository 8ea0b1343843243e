package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Bf16Test {

  private static final FloatFormat FORMAT = FloatFormat.BF16;
  private static final int INFINITY = 0x7F80;

  @Test
  void finiteCodesDecodeToTheirFields() {
    for (int code = 0; code < INFINITY; code++) {
      assertThat(Bf16.decode((short) code)).isEqualTo((float) FORMAT.value(code));
      assertThat(Bf16.decode((short) (code | 0x8000)))
          .isEqualTo((float) FORMAT.value(code | 0x8000));
    }
  }

  @Test
  void infinitiesAndNans() {
    assertThat(Bf16.decode((short) INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Bf16.decode((short) (INFINITY | 0x8000))).isEqualTo(Float.NEGATIVE_INFINITY);
    for (int code = INFINITY + 1; code < 0x8000; code++) {
      assertThat(Bf16.decode((short) code)).isNaN();
      assertThat(Bf16.decode((short) (code | 0x8000))).isNaN();
    }
  }

  @Test
  void valuesEncodeToTheirCodes() {
    for (int code = 0; code <= INFINITY; code++) {
      assertThat(Bf16.encode(Bf16.decode((short) code))).isEqualTo((short) code);
      assertThat(Bf16.encode(Bf16.decode((short) (code | 0x8000))))
          .isEqualTo((short) (code | 0x8000));
    }
  }

  @Test
  void roundsToTheNearestEvenAndOverflowsToInfinity() {
    for (float x : FORMAT.probes()) {
      assertThat(Bf16.encode(x)).as("%s", x).isEqualTo((short) FORMAT.nearest(x));
    }
  }

  @Test
  void nanIsQuietAndKeepsSignAndUpperPayload() {
    int quiet = INFINITY | 0x40;
    assertThat(Bf16.encode(Float.intBitsToFloat(0x7F80_0001))).isEqualTo((short) quiet);
    assertThat(Bf16.encode(Float.intBitsToFloat(0xFFFF_FFFF))).isEqualTo((short) 0xFFFF);
    assertThat(Bf16.encode(Float.intBitsToFloat(0x7F80_0001 | 5 << (23 - 7))))
        .isEqualTo((short) (quiet | 5));
  }
}
