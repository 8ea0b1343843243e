package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.sim.trace.Trace;

class DepthFirstProperties {

  @Property(tries = 300)
  void eachRequestComesOnceAndThoseUnderABlockComeInARow(
      @ForAll long seed, @ForAll @IntRange(max = 5) int sessions) {
    Trace trace = Batches.random(seed, 60, sessions, 4);
    int[] order = new DepthFirst(trace).requests();
    assertThat(Arrays.stream(order).sorted())
        .containsExactlyElementsOf(IntStream.range(0, trace.requests()).boxed().toList());
    Map<Integer, List<Integer>> places = new HashMap<>();
    for (int place = 0; place < order.length; place++) {
      for (int block : chain(trace, order[place])) {
        places.computeIfAbsent(block, _ -> new ArrayList<>()).add(place);
      }
    }
    assertThat(places.values())
        .allSatisfy(
            under -> assertThat(under.getLast() - under.getFirst()).isEqualTo(under.size() - 1));
  }

  @Property(tries = 300)
  void blocksBelowOneLieBehindItAndNoOthers(@ForAll long seed) {
    Trace trace = Batches.random(seed, 40, 0, 4);
    var blocks = new DepthFirst(trace);
    for (int block = 0; block < trace.uniqueBlocks(); block++) {
      for (int other = 0; other < trace.uniqueBlocks(); other++) {
        int at = blocks.position(other);
        boolean inRange = at >= blocks.position(block) && at < blocks.end(block);
        assertThat(inRange).isEqualTo(isBelow(trace, other, block));
      }
    }
  }

  @Property(tries = 200)
  void requestsWithTheSameBlocksKeepTheirOrder(@ForAll long seed) {
    Trace trace = Batches.random(seed, 60, 0, 1);
    int[] order = new DepthFirst(trace).requests();
    for (int i = 1; i < order.length; i++) {
      if (Arrays.equals(chain(trace, order[i - 1]), chain(trace, order[i]))) {
        assertThat(order[i - 1]).isLessThan(order[i]);
      }
    }
  }

  private static boolean isBelow(Trace trace, int block, int above) {
    int at = block;
    while (at >= 0 && at != above) {
      at = trace.parent(at);
    }
    return at >= 0;
  }

  private static int[] chain(Trace trace, int request) {
    int[] chain = new int[trace.maxChain()];
    return Arrays.copyOf(chain, trace.chain(request, chain));
  }
}
