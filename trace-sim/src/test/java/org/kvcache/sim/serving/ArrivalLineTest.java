package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;

final class ArrivalLineTest {

  @Test
  void whoGaveWayGoesBeforeThoseThatHaveNotBegun() {
    var line = new ArrivalLine();
    try (var manager =
        BlockManager.open(BlockManagerConfig.builder().slots(8).blockTokens(4).build())) {
      for (int request = 0; request < 3; request++) {
        line.add(new Sequence(request, 4, 1, manager.newTable(), new BlockKeys()));
      }
      Sequence begun = line.first();
      line.removeFirst();
      assertThat(line.first().request).isOne();
      line.putBack(begun);
      assertThat(line.inOrder()).extracting(sequence -> sequence.request).containsExactly(0, 1, 2);
    }
  }
}
