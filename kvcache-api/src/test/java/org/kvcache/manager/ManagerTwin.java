package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockTable;
import org.kvcache.KvEvent;
import org.kvcache.manager.ReferenceLease.Row;
import org.kvcache.manager.ReferencePool.Cell;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

/** A manager and its reference, given the same calls and compared after each. */
final class ManagerTwin {

  private static final int TABLES = 4;
  private static final int BLOCK_TOKENS = 2;
  private static final int[] PRIORITIES = {0, 10, 34, 35, 36, 100, 101};
  private static final int[] MILLIS = {0, 3, 20, -1};

  private static final class Pair {
    BlockTable real;
    ReferenceLease model;
    final StringBuilder content = new StringBuilder();
  }

  private long now;
  private final BlockManager real;
  private final ReferenceBlockManager model;
  private final List<Pair> pairs = new ArrayList<>();
  private final Map<Integer, Cell> owners = new HashMap<>();
  private final EventReplay replay = new EventReplay();
  private int eventsSeen;

  ManagerTwin(int slots, PolicySpec policy, double watermark, int demotionUses) {
    BlockManagerConfig config =
        BlockManagerConfig.builder()
            .slots(slots)
            .blockTokens(BLOCK_TOKENS)
            .policy(StrictPolicy.of(policy))
            .watermark(watermark)
            .demotionUses(demotionUses)
            .whatIf(false)
            .seed(slots)
            .clockMillis(() -> now)
            .build();
    real = BlockManager.open(config);
    real.listen(replay);
    model = new ReferenceBlockManager(config);
    for (int i = 0; i < TABLES; i++) {
      var pair = new Pair();
      pair.real = real.newTable();
      pair.model = model.newTable();
      pairs.add(pair);
    }
  }

  void run(List<Command> commands) {
    commands.forEach(this::run);
  }

  private void run(Command command) {
    Pair pair = pairs.get(command.table());
    Pair other = pairs.get(command.other());
    int number = command.number();
    int size = pair.model.rows.size();
    switch (command.kind()) {
      case SERVE -> serve(pair, command.path(), number);
      case BEGIN -> begin(pair, command.path());
      case MATCH -> match(pair, command.path(), number);
      case ALLOCATE -> allocate(pair, number % 7 == 6 ? number : number % 4);
      case COMMIT -> commit(pair, number % (size + 2), command.path());
      case COMMIT_OTHER -> commitOther(pair, number % (size + 2), command.path());
      case RELEASE -> release(pair, ReuseHint.values()[number % 3]);
      case FORK -> fork(pair, other);
      case TRUNCATE -> truncate(pair, number % (size + 2));
      case REOPEN -> reopen(pair, number % (size + 1));
      case RETAIN -> retain(pair, number, command.path().length());
      case WAIT -> now += number;
      case PIN -> pin(pair, command.path());
      case CLOSE -> close(pair);
      case CLEAR -> same(real::clear, model::clear);
    }
    check();
  }

  private void begin(Pair pair, String path) {
    match(pair, path, path.length() - 1);
    allocate(pair, Math.max(0, path.length() - pair.model.rows.size()));
  }

  private void serve(Pair pair, String path, int number) {
    begin(pair, path);
    commit(pair, pair.model.rows.size(), path);
    check();
    if (number % 2 == 1) {
      retain(pair, number, path.length());
    }
    release(pair, ReuseHint.values()[number % 3]);
  }

  private void allocate(Pair pair, int blocks) {
    same(() -> real.allocate(pair.real, blocks), () -> model.allocate(pair.model, blocks));
  }

  private void match(Pair pair, String path, int limit) {
    BlockKeys keys = Chains.keys(path);
    if (pair.model.rows.isEmpty()) {
      pair.content.setLength(0);
      pair.content.append(path);
    }
    same(() -> real.match(pair.real, keys, limit), () -> model.match(pair.model, keys, limit));
  }

  private void commit(Pair pair, int blocks, String more) {
    while (pair.content.length() < blocks) {
      pair.content.append(more).append('z');
    }
    BlockKeys keys = Chains.keys(pair.content);
    same(
        () -> {
          real.commit(pair.real, keys, blocks);
          return true;
        },
        () -> {
          model.commit(pair.model, keys, blocks);
          return true;
        });
  }

  private void commitOther(Pair pair, int blocks, String more) {
    int from = pair.model.committed;
    if (blocks <= from) {
      return;
    }
    String before = pair.content.toString();
    pair.content.setLength(Math.min(pair.content.length(), from));
    pair.content.append(more).append('y');
    commit(pair, blocks, more);
    if (pair.model.committed == from) {
      pair.content.setLength(0);
      pair.content.append(before);
    }
  }

  private void release(Pair pair, ReuseHint hint) {
    real.release(pair.real, hint);
    model.release(pair.model, hint);
    pair.content.setLength(0);
  }

  private void fork(Pair from, Pair into) {
    boolean idle = into.model.rows.isEmpty() && from != into;
    same(() -> real.fork(from.real, into.real), () -> model.fork(from.model, into.model));
    if (idle) {
      into.content.setLength(0);
      into.content.append(from.content);
    }
  }

  private void truncate(Pair pair, int blocks) {
    pair.content.setLength(Math.min(pair.content.length(), blocks));
    same(
        () -> {
          real.truncate(pair.real, blocks);
          return true;
        },
        () -> {
          model.truncate(pair.model, blocks);
          return true;
        });
  }

  private void reopen(Pair pair, int block) {
    boolean done =
        same(() -> real.reopen(pair.real, block), () -> model.reopen(pair.model, block))
            .equals(true);
    if (done) {
      pair.content.setLength(Math.min(pair.content.length(), block));
    }
  }

  private void retain(Pair pair, int number, int tokens) {
    int priority = PRIORITIES[number % PRIORITIES.length];
    int millis = MILLIS[tokens % MILLIS.length];
    int from = number % 5;
    int to = number % 4 == 0 ? from + tokens : BLOCK_TOKENS * pair.model.rows.size();
    same(
        () -> {
          real.retain(pair.real, from, to, priority, millis);
          return true;
        },
        () -> {
          model.retain(pair.model, from, to, priority, millis);
          return true;
        });
  }

  private void pin(Pair pair, String path) {
    close(pair);
    pair.real.close();
    pair.real = real.pin(Chains.keys(path));
    model.match(pair.model, Chains.keys(path), path.length());
    pair.content.append(path);
  }

  private void close(Pair pair) {
    pair.real.close();
    pair.real.close();
    model.close(pair.model);
    pair.real = real.newTable();
    pair.model = model.newTable();
    pair.content.setLength(0);
  }

  private static Object same(Callable<Object> real, Callable<Object> model) {
    Object outcome = outcome(real);
    assertThat(outcome).isEqualTo(outcome(model));
    return outcome;
  }

  private static Object outcome(Callable<Object> call) {
    try {
      return call.call();
    } catch (IllegalArgumentException | IllegalStateException refused) {
      return refused.getClass();
    } catch (Exception surprise) {
      throw new AssertionError(surprise);
    }
  }

  private void check() {
    assertThat(real.available()).isEqualTo(model.available());
    BlockManagerStats stats = real.stats();
    assertThat(stats).isEqualTo(model.stats());
    assertThat(stats.freeSlots() + stats.cachedBlocks() + stats.privateBlocks())
        .isEqualTo(stats.slots());
    List<KvEvent> fresh = model.events.subList(eventsSeen, model.events.size());
    assertThat(replay.takeNew()).isEqualTo(fresh);
    eventsSeen = model.events.size();
    assertThat(replay.keys()).containsExactlyInAnyOrderElementsOf(model.publishedKeys());
    owners.values().removeIf(cell -> !cell.live);
    pairs.forEach(this::compare);
    assertThat(owners.values()).doesNotHaveDuplicates();
  }

  private void compare(Pair pair) {
    assertThat(pair.real.size()).isEqualTo(pair.model.rows.size());
    assertThat(pair.real.matched()).isEqualTo(pair.model.matched);
    assertThat(pair.real.committed()).isEqualTo(pair.model.committed);
    for (int i = 0; i < pair.real.size(); i++) {
      Row row = pair.model.rows.get(i);
      own(pair.real.slot(i), row.cell);
      assertThat(pair.real.isCommitted(i)).isEqualTo(row.isPublished());
      assertThat(pair.real.copySource(i) >= 0).isEqualTo(row.copyOf != null);
      if (row.copyOf != null && row.copyOf.live) {
        own(pair.real.copySource(i), row.copyOf);
      }
    }
    assertThat(pair.real.evictions()).isEqualTo(pair.model.evictions);
    List<ReferencePool.Eviction> demotions = pair.model.demotions;
    assertThat(pair.real.demotions()).isEqualTo(demotions.size());
    assertThat(IntStream.range(0, demotions.size()).mapToObj(pair.real.demotedKeys()::get))
        .containsExactlyElementsOf(demotions.stream().map(d -> d.key()).toList());
  }

  private void own(int slot, Cell cell) {
    assertThat(slot).isBetween(0, real.stats().slots() - 1);
    assertThat(owners.computeIfAbsent(slot, _ -> cell)).as("owner of slot %d", slot).isSameAs(cell);
  }
}
