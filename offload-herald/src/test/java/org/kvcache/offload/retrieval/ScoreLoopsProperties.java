package org.kvcache.offload.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("vector")
class ScoreLoopsProperties {

  private final ScoreLoops plain = new ScalarScoreLoops();
  private final ScoreLoops vector = new VectorScoreLoops();

  @Property(tries = 100, seed = "41")
  void twinsGiveTheSameBits(
      @ForAll @IntRange(min = 1, max = 40) int chunks,
      @ForAll @IntRange(max = 3) int offset,
      @ForAll @IntRange(max = 15) int less,
      @ForAll long seed) {
    int count = 16 * chunks;
    var random = new Random(seed);
    float[] a = wild(random, offset + count);
    float[] b = Prefix.gaussian(random, offset + 2 * count);
    float max = plain.largest(a, offset, count);
    assertThat(vector.largest(a, offset, count)).isEqualTo(max);
    float[] weights = a.clone();
    float sum = plain.weigh(weights, offset, count, 0.5f, max * 0.5f);
    float[] same = a.clone();
    assertThat(vector.weigh(same, offset, count, 0.5f, max * 0.5f)).isEqualTo(sum);
    assertThat(same).isEqualTo(weights);
    float[] to = b.clone();
    plain.addScaled(weights, offset, count - less, 0.3f, to, offset + 1);
    float[] sameTo = b.clone();
    vector.addScaled(weights, offset, count - less, 0.3f, sameTo, offset + 1);
    assertThat(sameTo).isEqualTo(to);
    int pageTokens = 1 + random.nextInt(count);
    float[] pages = new float[count + 1];
    plain.pageSums(weights, offset, count / pageTokens, pageTokens, pages, 1);
    float[] samePages = new float[count + 1];
    vector.pageSums(weights, offset, count / pageTokens, pageTokens, samePages, 1);
    assertThat(samePages).isEqualTo(pages);
    assertThat(vector.dot(weights, offset, b, offset, count))
        .isEqualTo(plain.dot(weights, offset, b, offset, count));
    assertThat(vector.bound(weights, offset, b, offset, count))
        .isEqualTo(plain.bound(weights, offset, b, offset, count));
  }

  @Property(tries = 50, seed = "42")
  void weightsAreExponentials(@ForAll long seed) {
    float[] x = Prefix.gaussian(new Random(seed), 64);
    float[] weights = x.clone();
    float max = plain.largest(x, 0, 64);
    double sum = 0;
    float total = plain.weigh(weights, 0, 64, 2, 2 * max);
    for (int i = 0; i < 64; i++) {
      double exact = Math.exp(2.0 * x[i] - 2.0 * max);
      assertThat((double) weights[i]).isCloseTo(exact, within(1e-6));
      sum += exact;
    }
    assertThat((double) total).isCloseTo(sum, within(1e-5));
  }

  private static float[] wild(Random random, int count) {
    float[] x = Prefix.gaussian(random, count);
    for (int i = 0; i < count; i++) {
      switch (random.nextInt(20)) {
        case 0 -> x[i] = Float.NEGATIVE_INFINITY;
        case 1 -> x[i] = Float.NaN;
        case 2 -> x[i] *= 1000;
        default -> {}
      }
    }
    return x;
  }
}
