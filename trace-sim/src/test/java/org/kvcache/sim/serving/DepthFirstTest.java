package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.kvcache.sim.trace.Trace;

final class DepthFirstTest {

  private static long[] chain(long... ids) {
    return ids;
  }

  @Test
  void aRequestComesBeforeThoseThatContinueIt() {
    Trace trace = Batches.of(4, chain(1, 2), chain(1), chain(1, 2, 3));
    assertThat(new DepthFirst(trace).requests()).containsExactly(1, 0, 2);
  }

  @Test
  void continuationsComeInOrderOfFirstAppearance() {
    Trace trace =
        Batches.of(
            4,
            chain(1, 2),
            chain(3),
            chain(1),
            chain(1, 4),
            chain(),
            chain(1, 2, 5),
            chain(3, 1),
            chain(1, 2));
    assertThat(new DepthFirst(trace).requests()).containsExactly(4, 2, 0, 7, 5, 3, 1, 6);
  }

  @Test
  void theSameIdBelowOtherBlocksIsAnotherBlock() {
    Trace trace = Batches.of(4, chain(1, 9), chain(2, 9), chain(1, 9));
    assertThat(new DepthFirst(trace).requests()).containsExactly(0, 2, 1);
  }

  @Test
  void aTraceWithoutBlocksKeepsItsOrder() {
    Trace trace = Batches.of(4, chain(), chain(), chain());
    assertThat(new DepthFirst(trace).requests()).containsExactly(0, 1, 2);
  }
}
