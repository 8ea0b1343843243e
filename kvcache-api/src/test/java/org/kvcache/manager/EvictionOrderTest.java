package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kvcache.BlockKey;
import org.kvcache.BlockManager;
import org.kvcache.BlockTable;
import org.kvcache.KvEvent;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

class EvictionOrderTest {

  private final List<BlockKey> evicted = new ArrayList<>();

  private BlockManager open(int slots, PolicySpec policy) {
    BlockManager manager = Serving.open(slots, policy);
    manager.listen(event -> {
      if (event instanceof KvEvent.BlockRemoved removed) {
        evicted.addAll(removed.blockKeys());
      }
    });
    return manager;
  }

  private static void evict(BlockManager manager, int blocks) {
    BlockTable table = manager.newTable();
    assertThat(manager.allocate(table, blocks)).isTrue();
    table.close();
  }

  private void assertEvicted(String... paths) {
    assertThat(evicted)
        .containsExactly(List.of(paths).stream().map(Chains::key).toArray(BlockKey[]::new));
  }

  @Test
  void tailGoesFirst() {
    BlockManager manager = open(3, TestPolicies.LRU);
    Serving.serve(manager, "abc");
    evict(manager, 3);
    assertEvicted("abc", "ab", "a");
  }

  @Test
  void leafGuardKeepsAParentOlderThanItsChildren() {
    BlockManager manager = open(4, TestPolicies.LEAF_LRU);
    BlockTable parent = Serving.run(manager, "a");
    BlockTable left = Serving.run(manager, "ab");
    BlockTable right = Serving.run(manager, "ac");
    parent.close();
    right.close();
    left.close();
    evict(manager, 4);
    assertEvicted("ac", "ab", "a");
  }

  @Test
  void leafGuardIgnoresAPolicyThatWantsTheParent() {
    BlockManager manager = open(3, TestPolicies.LEAF_RANDOM);
    for (int round = 0; round < 50; round++) {
      Serving.serve(manager, "abc");
      evict(manager, 3);
      assertEvicted("abc", "ab", "a");
      evicted.clear();
    }
  }

  @Test
  void flatPolicyMayTakeTheParent() {
    BlockManager manager = open(3, TestPolicies.GHOST_FIFO);
    Serving.serve(manager, "abc");
    evict(manager, 1);
    assertEvicted("a");
    assertThat(Serving.cached(manager, "abc")).isZero();
  }

  @Test
  void orphansOfAFlatPolicyAreFoundAgain() {
    BlockManager manager = open(3, TestPolicies.GHOST_FIFO);
    Serving.serve(manager, "abc");
    evict(manager, 1);
    BlockTable table = Serving.begin(manager, "abc");
    assertThat(table.matched()).isZero();
    assertThat(table.isCommitted(0)).isFalse();
    assertThat(table.isCommitted(1)).isTrue();
    assertThat(table.isCommitted(2)).isTrue();
  }

  @Test
  void parentIsExposedWhenACancelledFillWasItsLastChild() {
    BlockManager manager = open(2, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "a");
    BlockTable child = Serving.begin(manager, "ab");
    child.close();
    evict(manager, 2);
    assertEvicted("a");
  }

  @Test
  void fillingChildKeepsItsParentPinned() {
    BlockManager manager = open(2, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "a");
    Serving.begin(manager, "ab");
    assertThat(manager.available()).isZero();
    assertThat(manager.allocate(manager.newTable(), 1)).isFalse();
  }

  @Test
  void endedSessionGoesFirstDownToWhatOthersUse() {
    BlockManager manager = open(6, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "s");
    Serving.serve(manager, "sx");
    Serving.serve(manager, "sy");
    Serving.serveAndEnd(manager, "sabc");
    evict(manager, 4);
    assertEvicted("sabc", "sab", "sa", "sx");
  }

  @Test
  void endedConversationIsItsOwnThroughAllItsTurns() {
    BlockManager manager = open(6, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "z");
    Serving.serve(manager, "a");
    Serving.serve(manager, "ab");
    Serving.serveAndEnd(manager, "abc");
    evict(manager, 6);
    assertEvicted("abc", "ab", "a", "z");
  }

  @Test
  void endedSessionThatComesBackIsLikeAnyOther() {
    BlockManager manager = open(3, TestPolicies.LEAF_LRU);
    Serving.serveAndEnd(manager, "a");
    Serving.serve(manager, "z");
    Serving.serve(manager, "a");
    evict(manager, 2);
    assertEvicted("z");
  }

  @ParameterizedTest
  @EnumSource(
      value = ReuseHint.class,
      names = {"NONE", "EXPECTED"})
  void otherHintsSayNothingToAPolicyThatReadsNone(ReuseHint hint) {
    BlockManager manager = open(2, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "z");
    BlockTable table = Serving.run(manager, "a");
    manager.release(table, hint);
    evict(manager, 1);
    assertEvicted("z");
  }

  @Test
  void policyThatReadsHintsJudgesForItself() {
    BlockManager manager = open(4, TestPolicies.HINTED_LRU);
    Serving.serve(manager, "z");
    Serving.serve(manager, "s");
    Serving.serveAndEnd(manager, "sa");
    evict(manager, 3);
    assertEvicted("sa", "s");
  }

  @Test
  void endedSiblingOfAForkKeepsWhatTheOtherUses() {
    BlockManager manager = open(4, TestPolicies.LEAF_LRU);
    Serving.serve(manager, "z");
    BlockTable one = Serving.run(manager, "ab");
    BlockTable other = manager.newTable();
    manager.fork(one, other);
    manager.release(one, ReuseHint.ENDED);
    manager.release(other);
    evict(manager, 2);
    assertEvicted("z");
  }
}
