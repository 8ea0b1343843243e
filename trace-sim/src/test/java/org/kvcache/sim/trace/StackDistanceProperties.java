package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class StackDistanceProperties {
  @Property(tries = 100)
  void equalsTheDepthInAnLruStack(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 300) int blocks) {
    var random = new SplittableRandom(seed);
    var distances = new StackDistance(blocks);
    List<Integer> stack = new ArrayList<>();
    for (int i = 0; i < 4000; i++) {
      int block = random.nextInt(1 + random.nextInt(blocks));
      int depth = stack.indexOf(block);
      assertThat(distances.reference(block)).isEqualTo(depth);
      stack.remove((Integer) block);
      stack.addFirst(block);
    }
  }
}
