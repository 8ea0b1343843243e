package org.kvcache.offload.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TopPagesProperties {

  @Property(tries = 300, seed = "51")
  void theBestAreChosenAndOfEqualOnesTheFirst(
      @ForAll @IntRange(min = 1, max = 3000) int pages,
      @ForAll @IntRange(min = 0, max = 4) int kind,
      @ForAll long seed) {
    var random = new Random(seed);
    float[] scores = new float[pages];
    double[] exact = new double[pages];
    for (int i = 0; i < pages; i++) {
      scores[i] =
          switch (kind) {
            case 0 -> (float) random.nextGaussian();
            case 1 -> random.nextInt(4) - 1;
            case 2 -> (float) Math.exp(random.nextGaussian() * 30);
            case 3 -> Math.nextUp(1 + random.nextInt(3) * 0x1p-23f);
            default -> random.nextBoolean() ? 0f : -0f;
          };
      exact[i] = scores[i] + 0f;
    }
    int count = 1 + random.nextInt(pages);
    int[] chosen = new int[count];
    new TopPages().choose(scores, 0, pages, count, chosen, 0);
    assertThat(chosen).isEqualTo(Oracle.pick(exact, count, 0));
  }

  @Test
  void whatIsNotANumberComesLast() {
    float[] scores = {Float.NaN, -3, Float.NEGATIVE_INFINITY, Float.NaN, 5};
    int[] chosen = new int[4];
    new TopPages().choose(scores, 0, 5, 4, chosen, 0);
    assertThat(chosen).containsExactly(0, 1, 2, 4);
  }
}
