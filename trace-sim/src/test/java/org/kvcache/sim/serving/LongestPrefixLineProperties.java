package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.KvEvent;
import org.kvcache.KvEventListener;
import org.kvcache.sim.trace.ChainKeys;
import org.kvcache.sim.trace.Trace;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

class LongestPrefixLineProperties {

  @Property(tries = 300)
  void theNextOneIsWhoeverMatchesMostOfAllThatWait(
      @ForAll long seed,
      @ForAll @IntRange(max = 12) int extraSlots,
      @ForAll @IntRange(min = 1, max = 4) int atOnce) {
    var random = new SplittableRandom(seed);
    Trace trace = Batches.random(seed, 50, 0, 4);
    List<PolicySpec> policies = PolicyCatalog.all();
    PolicySpec policy = policies.get(random.nextInt(policies.size()));
    int slots = Batches.slotsOfTheLongest(trace) + extraSlots;
    try (var manager = manager(policy, slots, trace.blockTokens())) {
      var line = new LongestPrefixLine(trace);
      var cached = new Cached();
      manager.listen(line);
      manager.listen(cached);
      List<Sequence> waiting = new ArrayList<>(sequences(trace, manager));
      waiting.forEach(line::add);
      var running = new ArrayList<Sequence>();
      while (!line.isEmpty()) {
        Sequence next = line.first();
        assertThat(next).isSameAs(cached.longest(waiting, trace.blockTokens()));
        if (running.size() < atOnce && begin(manager, next)) {
          line.removeFirst();
          waiting.remove(next);
          running.add(next);
          int part = random.nextInt(next.keys.size() + 1);
          commit(manager, next, part);
          continue;
        }
        Sequence ended = running.remove(random.nextInt(running.size()));
        if (random.nextInt(4) == 0) {
          manager.release(ended.table);
          line.putBack(ended);
          waiting.addFirst(ended);
          assertThat(line.first()).isSameAs(ended);
          line.removeFirst();
          waiting.removeFirst();
          if (!begin(manager, ended)) {
            continue;
          }
        }
        commit(manager, ended, ended.keys.size());
        manager.release(ended.table);
      }
      assertThat(waiting).isEmpty();
    }
  }

  private static BlockManager manager(PolicySpec policy, int slots, int blockTokens) {
    return BlockManager.open(
        BlockManagerConfig.builder()
            .slots(slots)
            .blockTokens(blockTokens)
            .policy(policy)
            .watermark(0)
            .whatIf(false)
            .seed(0)
            .clockMillis(() -> 0)
            .build());
  }

  private static List<Sequence> sequences(Trace trace, BlockManager manager) {
    var keysOf = new ChainKeys(trace);
    var sequences = new ArrayList<Sequence>();
    for (int request = 0; request < trace.requests(); request++) {
      int input = Math.max(1, trace.inputTokens(request));
      var keys = new BlockKeys();
      keysOf.fill(request, keys);
      keys.truncate(Math.min(keys.size(), input / trace.blockTokens()));
      sequences.add(new Sequence(request, input, 1, manager.newTable(), keys));
    }
    return sequences;
  }

  private static boolean begin(BlockManager manager, Sequence sequence) {
    int limit = limit(sequence, 4);
    int found = manager.match(sequence.table, sequence.keys, limit);
    if (manager.allocate(sequence.table, Math.ceilDiv(sequence.inputTokens, 4) - found)) {
      return true;
    }
    manager.release(sequence.table);
    return false;
  }

  private static void commit(BlockManager manager, Sequence sequence, int blocks) {
    if (blocks > sequence.table.committed()) {
      manager.commit(sequence.table, sequence.keys, blocks);
    }
  }

  private static int limit(Sequence sequence, int blockTokens) {
    return Math.min(
        sequence.keys.size(), BlockManager.matchLimit(sequence.inputTokens, blockTokens));
  }

  /** Recomputes the matches of all that wait. */
  private static final class Cached implements KvEventListener {
    private final Set<BlockKey> keys = new HashSet<>();

    @Override
    public void onEvent(KvEvent event) {
      switch (event) {
        case KvEvent.BlockStored stored -> keys.addAll(stored.blockKeys());
        case KvEvent.BlockRemoved removed -> removed.blockKeys().forEach(keys::remove);
        case KvEvent.AllBlocksCleared _ -> keys.clear();
      }
    }

    private Sequence longest(List<Sequence> waiting, int blockTokens) {
      Sequence best = null;
      int most = -1;
      for (Sequence sequence : waiting) {
        int matched = 0;
        while (matched < limit(sequence, blockTokens)
            && keys.contains(sequence.keys.get(matched))) {
          matched++;
        }
        if (matched > most) {
          best = sequence;
          most = matched;
        }
      }
      return best;
    }
  }
}
