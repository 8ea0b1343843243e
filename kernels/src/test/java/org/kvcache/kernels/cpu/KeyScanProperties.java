package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.kvcache.spi.KeyScan;

class KeyScanProperties {

  @Provide
  Arbitrary<HeadSetting> settings() {
    return HeadSetting.arbitrary(
            Arbitraries.of("mxfp4", "mxfp4:ocp+turbo4", "lm16", "k8v4", "fp8", "bf16", "f32"),
            Arbitraries.of(1, 2, 3, 4, 8, 16, 32),
            Arbitraries.of(1, 16, 64),
            700)
        .map(any -> any.withStaged(0));
  }

  @Property(tries = 150, seed = "71")
  void everyLevelGivesTheLogitsOfTheCodec(@ForAll("settings") HeadSetting setting) {
    Head head = setting.head();
    float[] q = setting.queries();
    var random = new Random(setting.seed());
    int from = random.nextInt(head.length);
    int to = from + 1 + random.nextInt(head.length - from);
    KeyScan codec = new VectorBackend().scan(head.codec, head.blockTokens, setting.heads());
    float[] expected = logits(codec, head, from, to, q, setting.heads());
    // Queries become integers of 16 bits for keys of four.
    boolean rounded = setting.scheme().startsWith("mxfp4") || setting.scheme().equals("lm16");
    float unit = rounded ? 3e-4f : 1e-5f;
    for (NativeLevel level : NativeLevels.here()) {
      KeyScan scan = NativeBackend.scan(head.codec, head.blockTokens, setting.heads(), level);
      assertThat(scan).isInstanceOf(NativeScan.class);
      float[] found = logits(scan, head, from, to, q, setting.heads());
      for (int i = 0; i < found.length; i++) {
        float tolerance = unit * (float) (Math.sqrt(setting.dim()) + Math.abs(expected[i]));
        assertThat(found[i]).as("%s, %d", level, i).isCloseTo(expected[i], within(tolerance));
      }
      assertThat(logits(scan, head, from, to, q, setting.heads())).isEqualTo(found);
    }
  }

  /** The array with the logits; what lies between them is untouched. */
  private static float[] logits(KeyScan scan, Head head, int from, int to, float[] q, int queries) {
    int stride = to - from + 3;
    float[] logits = new float[2 + queries * stride + 5];
    float[] shifted = new float[q.length + 1];
    System.arraycopy(q, 0, shifted, 1, q.length);
    Arrays.fill(logits, 7);
    scan.query(shifted, 1);
    scan.logits(head, from, to, logits, 2, stride);
    for (int i = 0; i < logits.length; i++) {
      int column = i - 2 < 0 ? stride : (i - 2) % stride;
      if (column >= to - from || i - 2 >= queries * stride) {
        assertThat(logits[i]).isEqualTo(7);
      }
    }
    return logits;
  }
}
