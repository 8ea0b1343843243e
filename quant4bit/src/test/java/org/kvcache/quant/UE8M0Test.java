package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UE8M0Test {

  @Test
  void codesAreBiasedExponents() {
    for (int code = 0; code < 255; code++) {
      assertThat((double) UE8M0.decode((byte) code)).isEqualTo(Math.pow(2, code - 127));
    }
  }

  @Test
  void theLastCodeIsNan() {
    assertThat(UE8M0.decode((byte) 255)).isNaN();
    assertThat(UE8M0.encode(Float.NaN)).isEqualTo((byte) 255);
  }

  @Test
  void powersOfTwoEncodeToTheirCodes() {
    for (int code = 0; code < 255; code++) {
      assertThat(UE8M0.encode((float) Math.pow(2, code - 127))).isEqualTo((byte) code);
    }
  }
}
