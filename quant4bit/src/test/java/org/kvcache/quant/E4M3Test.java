package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class E4M3Test {

  private static final FloatFormat FORMAT = FloatFormat.E4M3;

  @Test
  void codesDecodeToTheirFields() {
    for (int code = 0; code <= 0x7E; code++) {
      assertThat(E4M3.decode((byte) code)).isEqualTo((float) FORMAT.value(code));
      assertThat(E4M3.decode((byte) (code | 0x80))).isEqualTo((float) FORMAT.value(code | 0x80));
    }
  }

  @Test
  void landmarks() {
    assertThat(E4M3.decode((byte) 0x7E)).isEqualTo(448);
    assertThat(E4M3.decode((byte) 0x01)).isEqualTo(0x1p-9f);
    assertThat(E4M3.decode((byte) 0x38)).isEqualTo(1);
    assertThat(Float.floatToRawIntBits(E4M3.decode((byte) 0x80))).isEqualTo(0x8000_0000);
  }

  @Test
  void nanKeepsItsSign() {
    assertThat(Float.floatToRawIntBits(E4M3.decode((byte) 0x7F))).isEqualTo(0x7FC0_0000);
    assertThat(Float.floatToRawIntBits(E4M3.decode((byte) 0xFF))).isEqualTo(0xFFC0_0000);
    for (int payload : new int[] {1, 0x40_0000, 0x7F_FFFF}) {
      assertThat(E4M3.encode(Float.intBitsToFloat(0x7F80_0000 | payload))).isEqualTo((byte) 0x7F);
      assertThat(E4M3.encode(Float.intBitsToFloat(0xFF80_0000 | payload))).isEqualTo((byte) 0xFF);
    }
  }

  @Test
  void valuesEncodeToTheirCodes() {
    for (int code = 0; code < 256; code++) {
      assertThat(E4M3.encode(E4M3.decode((byte) code))).isEqualTo((byte) code);
    }
  }

  @Test
  void roundsToTheNearestEvenAndSaturates() {
    for (float x : FORMAT.probes()) {
      assertThat(E4M3.encode(x)).as("%s", x).isEqualTo((byte) FORMAT.nearest(x));
    }
  }
}
