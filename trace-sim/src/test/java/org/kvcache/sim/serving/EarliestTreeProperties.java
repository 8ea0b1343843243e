package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class EarliestTreeProperties {

  @Property(tries = 300)
  void everyRangeHasItsLeast(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int positions) {
    var random = new SplittableRandom(seed);
    var tree = new EarliestTree(positions);
    int[] numbers = new int[positions];
    Arrays.fill(numbers, EarliestTree.NONE);
    for (int i = 0; i < 60; i++) {
      int at = random.nextInt(positions);
      numbers[at] = random.nextInt(4) == 0 ? EarliestTree.NONE : random.nextInt(100);
      tree.set(at, numbers[at]);
      int from = random.nextInt(positions + 1);
      int to = random.nextInt(from, positions + 1);
      assertThat(tree.least(from, to))
          .isEqualTo(Arrays.stream(numbers, from, to).min().orElse(EarliestTree.NONE));
    }
  }
}
