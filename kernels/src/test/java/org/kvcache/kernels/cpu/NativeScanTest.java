package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.kvcache.spi.KeyScan;

class NativeScanTest {

  @BeforeEach
  void onlyWhereTheLibraryIs() {
    assumeTrue(NativeLibrary.missing() == null, NativeLibrary::missing);
  }

  @Test
  void longPrefixesTakeSeveralCalls() {
    Head head = new Head("lm16", 64, 16, 9_000, 0, 1);
    float[] q = Head.gaussian(new Random(2), 2 * 64);
    float[] expected = new float[2 * 9_000];
    float[] found = new float[2 * 9_000];
    KeyScan codec = new VectorBackend().scan(head.codec, 16, 2);
    codec.query(q, 0);
    codec.logits(head, 0, 9_000, expected, 0, 9_000);
    KeyScan scan = new NativeBackend().scan(head.codec, 16, 2);
    scan.query(q, 0);
    scan.logits(head, 0, 9_000, found, 0, 9_000);
    for (int i = 0; i < found.length; i++) {
      assertThat(Math.abs(found[i] - expected[i])).isLessThan(1e-2f);
    }
  }

  @Test
  void whatTheLibraryHasNoCodeForIsLeftToTheCodec() {
    Head head = new Head("turbo4", 128, 16, 64, 0, 3);
    assertThat(new NativeBackend().scan(head.codec, 16, 4)).isNotInstanceOf(NativeScan.class);
    Head known = new Head("mxfp4+turbo4", 128, 16, 64, 0, 3);
    assertThat(new NativeBackend().scan(known.codec, 16, 4)).isInstanceOf(NativeScan.class);
  }

  @Test
  void nothingIsTouchedBeyondTheArrays() {
    Head head = new Head("f32", 64, 16, 64, 0, 4);
    KeyScan scan = new NativeBackend().scan(head.codec, 16, 2);
    assertThatThrownBy(() -> scan.query(new float[127], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> scan.logits(head, 0, 64, new float[127], 0, 64))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> scan.logits(head, 0, 64, new float[128], -1, 64))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scan.logits(head, 0, 64, new float[128], 0, 63));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NativeBackend().scan(head.codec, 16, 0))
        .withMessageContaining("0 queries");
  }
}
