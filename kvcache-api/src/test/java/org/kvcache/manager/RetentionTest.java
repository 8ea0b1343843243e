package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.BlockManager;
import org.kvcache.BlockTable;
import org.kvcache.RetentionPriority;
import org.kvcache.spi.PolicySpec;

class RetentionTest {

  private long now = 1_000;

  private BlockManager open(int slots, PolicySpec policy) {
    return Serving.open(slots, policy, builder -> builder.clockMillis(() -> now));
  }

  private static void serve(BlockManager manager, String path, int priority, long millis) {
    BlockTable table = Serving.run(manager, path);
    manager.retain(table, 0, 2 * path.length(), priority, millis);
    table.close();
  }

  private static void evict(BlockManager manager, int blocks) {
    BlockTable table = manager.newTable();
    assertThat(manager.allocate(table, blocks)).isTrue();
    table.close();
  }

  @Test
  void highPriorityGoesLast() {
    BlockManager manager = open(3, TestPolicies.LEAF_LRU);
    serve(manager, "h", 80, 0);
    Serving.serve(manager, "a");
    Serving.serve(manager, "b");
    evict(manager, 2);
    assertThat(Serving.cached(manager, "h")).isEqualTo(1);
    assertThat(Serving.cached(manager, "a")).isZero();
  }

  @Test
  void lowPriorityGoesFirst() {
    BlockManager manager = open(3, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "a");
    Serving.serve(manager, "b");
    serve(manager, "l", 10, 0);
    evict(manager, 1);
    assertThat(Serving.cached(manager, "l")).isZero();
    assertThat(Serving.cached(manager, "a")).isEqualTo(1);
  }

  @Test
  void levelsGoInTheirOrder() {
    BlockManager manager = open(4, TestPolicies.LEAF_LRU);
    var replay = new EventReplay();
    manager.listen(replay);
    int[] priorities = {100, 36, 34, 0};
    String[] paths = {"w", "x", "y", "z"};
    for (int i = 0; i < 4; i++) {
      serve(manager, paths[i], priorities[i], 0);
    }
    for (int left = 3; left >= 0; left--) {
      evict(manager, 4 - left);
      assertThat(replay.keys())
          .containsExactlyElementsOf(Stream.of(paths).limit(left).map(Chains::key).toList());
    }
  }

  @Test
  void highPriorityNeverMakesAllocateFail() {
    BlockManager manager = open(4, TestPolicies.LEAF_LRU);
    serve(manager, "abcd", RetentionPriority.HIGHEST, 0);
    assertThat(manager.available()).isEqualTo(4);
    assertThat(manager.allocate(manager.newTable(), 4)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"99,1", "100,0"})
  void priorityDecaysToThePolicy(long wait, int cached) {
    BlockManager manager = open(3, TestPolicies.LEAF_LRU);
    serve(manager, "h", 80, 100);
    Serving.serve(manager, "a");
    Serving.serve(manager, "b");
    now += wait;
    Serving.serve(manager, "c");
    evict(manager, 2);
    assertThat(Serving.cached(manager, "h")).isEqualTo(cached);
    assertThat(Serving.cached(manager, "c")).isEqualTo(1 - cached);
  }

  @Test
  void lowPriorityEndsTooWhenItsTimeIsOver() {
    BlockManager manager = open(2, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "a");
    serve(manager, "l", 0, 100);
    now += 100;
    evict(manager, 1);
    assertThat(Serving.cached(manager, "l")).isEqualTo(1);
    assertThat(Serving.cached(manager, "a")).isZero();
  }

  @Test
  void expiredSequenceStillGoesTailFirst() {
    BlockManager manager = open(6, TestPolicies.LRU);
    serve(manager, "abcdef", 80, 100);
    now += 100;
    evict(manager, 3);
    assertThat(Serving.cached(manager, "abcdef")).isEqualTo(3);
  }

  @Test
  void onlyBlocksOfTheRangeAreKept() {
    BlockManager manager = open(4, TestPolicies.LRU);
    BlockTable table = Serving.run(manager, "abcd");
    manager.retain(table, 2, 3, 0, 0);
    table.close();
    evict(manager, 1);
    assertThat(Serving.cached(manager, "abcd")).isEqualTo(1);
  }

  @Test
  void emptyRangeKeepsNothing() {
    BlockManager manager = open(3, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.run(manager, "a");
    manager.retain(table, 1, 1, 80, 0);
    table.close();
    Serving.serve(manager, "b");
    Serving.serve(manager, "c");
    evict(manager, 1);
    assertThat(Serving.cached(manager, "a")).isZero();
  }

  @Test
  void useEndsWhatHadNoEnd() {
    BlockManager manager = open(2, TestPolicies.LEAF_LRU);
    serve(manager, "h", 80, 0);
    Serving.serve(manager, "h");
    Serving.serve(manager, "a");
    evict(manager, 1);
    assertThat(Serving.cached(manager, "h")).isZero();
  }

  @Test
  void veryLongTimeIsForEver() {
    BlockManager manager = open(2, TestPolicies.LEAF_LRU);
    serve(manager, "h", 80, Long.MAX_VALUE);
    Serving.serve(manager, "a");
    now = Long.MAX_VALUE - 1;
    evict(manager, 1);
    assertThat(Serving.cached(manager, "h")).isEqualTo(1);
  }

  @Test
  void parentOfALowPriorityFollowsItsChildren() {
    BlockManager manager = open(3, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "z");
    serve(manager, "ab", 0, 0);
    evict(manager, 2);
    assertThat(Serving.cached(manager, "z")).isEqualTo(1);
    assertThat(manager.stats().cachedBlocks()).isEqualTo(1);
  }

  @Test
  void nextSequenceOfTheTableStartsAfresh() {
    BlockManager manager = open(3, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.run(manager, "a");
    manager.retain(table, 0, 2, 80, 0);
    manager.release(table);
    manager.match(table, Chains.keys("b"), 1);
    manager.allocate(table, 1);
    manager.commit(table, Chains.keys("b"), 1);
    manager.release(table);
    Serving.serve(manager, "c");
    evict(manager, 1);
    assertThat(Serving.cached(manager, "b")).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 101})
  void priorityIsWithinItsScale(int priority) {
    BlockManager manager = open(2, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.run(manager, "a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> manager.retain(table, 0, 2, priority, 0))
        .withMessageContaining("priority is " + priority);
  }

  @ParameterizedTest
  @CsvSource({"-1,2,0", "2,1,0", "0,3,0", "0,2,-1"})
  void rangeIsWithinTheTable(int from, int to, long millis) {
    BlockManager manager = open(2, TestPolicies.LEAF_LRU);
    BlockTable table = Serving.run(manager, "a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> manager.retain(table, from, to, 50, millis))
        .withMessageContaining("room for 2 tokens");
  }
}
