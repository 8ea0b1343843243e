package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.KvEvent;
import org.kvcache.sim.trace.ChainKeys;
import org.kvcache.sim.trace.Trace;

final class LongestPrefixLineTest {

  @Test
  void blocksWhosePrefixIsGoneCountForNothing() {
    Trace trace = Batches.of(4, new long[] {1, 2, 3, 4}, new long[] {5, 6});
    var line = new LongestPrefixLine(trace);
    try (var manager =
        BlockManager.open(BlockManagerConfig.builder().slots(8).blockTokens(4).build())) {
      for (int request = 0; request < trace.requests(); request++) {
        var keys = new BlockKeys();
        new ChainKeys(trace).fill(request, keys);
        line.add(new Sequence(request, trace.inputTokens(request), 1, manager.newTable(), keys));
      }
      line.onEvent(stored(0, 1, 2, 4));
      assertThat(line.first().request).isZero();
      line.onEvent(new KvEvent.BlockRemoved(2, keys(0), "gpu"));
      assertThat(line.first().request).isOne();
      line.onEvent(stored(0));
      assertThat(line.first().request).isZero();
    }
  }

  private static KvEvent stored(int... blocks) {
    return new KvEvent.BlockStored(1, keys(blocks), null, List.of(), 4, null, "gpu", List.of(), 0);
  }

  private static List<BlockKey> keys(int... blocks) {
    return IntStream.of(blocks).mapToObj(block -> new BlockKey(0, ChainKeys.key(block))).toList();
  }
}
