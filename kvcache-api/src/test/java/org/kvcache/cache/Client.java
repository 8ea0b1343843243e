package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvCache;
import org.kvcache.KvCacheFullException;
import org.kvcache.KvLease;
import org.kvcache.KvSequence;
import org.kvcache.SequenceOptions;
import org.kvcache.SequenceOptions.Promotion;
import org.kvcache.spi.ReuseHint;

/**
 * An engine that does one random thing after the other and knows what each of its sequences must
 * hold.
 */
final class Client {

  private static final int MOST_OPEN = 4;
  private static final int MOST_TOKENS = 40;
  private static final String[] SALTS = {"", "", "red", "blue"};

  private static final class Session {
    final KvSequence sequence;
    final String salt;
    int[] tokens; // committed ones

    Session(KvSequence sequence, String salt, int[] tokens) {
      this.sequence = sequence;
      this.salt = salt;
      this.tokens = tokens;
    }
  }

  private final KvCache cache;
  private final Rows rows;
  private final Random random;
  private final List<Session> sessions = new ArrayList<>();
  private final List<KvLease> pins = new ArrayList<>();
  long matched;
  long refused;

  Client(KvCache cache, Rows rows, Random random) {
    this.cache = cache;
    this.rows = rows;
    this.random = random;
  }

  /** Few distinct prompts with long common prefixes. */
  private int[] prompt() {
    int length = 1 + random.nextInt(MOST_TOKENS / 2);
    int[] tokens = new int[length];
    int branch = random.nextInt(length);
    int other = random.nextInt(3);
    for (int i = 0; i < length; i++) {
      tokens[i] = i < branch ? i % 5 : i % 5 + other;
    }
    return tokens;
  }

  private static int[] joined(int[] tokens, int more, Random random) {
    int[] all = Arrays.copyOf(tokens, tokens.length + more);
    for (int i = tokens.length; i < all.length; i++) {
      all[i] = i % 5 + random.nextInt(2);
    }
    return all;
  }

  void step() {
    int what = random.nextInt(22);
    if (sessions.isEmpty() || (what < 5 && sessions.size() < MOST_OPEN)) {
      begin();
      return;
    }
    Session session = sessions.get(random.nextInt(sessions.size()));
    try {
      switch (what) {
        case 5, 6, 7, 8 -> extend(session);
        case 9, 10 -> truncate(session);
        case 11, 12 -> fork(session);
        case 13 -> pins.add(cache.pin(prompt()));
        case 14 ->
            pins.removeIf(pin -> {
              pin.close();
              return true;
            });
        case 15 -> draft(session);
        case 16, 17 -> denoise(session);
        default -> end(session);
      }
    } catch (KvCacheFullException e) {
      refused++;
      // Make room, as an engine would.
      end(session);
      return;
    }
    if (sessions.contains(session)) {
      rows.check(session.sequence, session.tokens, session.salt);
    }
  }

  private void begin() {
    int[] prompt = prompt();
    String salt = SALTS[random.nextInt(SALTS.length)];
    Promotion[] ways = Promotion.values();
    var options =
        SequenceOptions.DEFAULT
            .withSalt(salt)
            .withPromotion(ways[random.nextInt(ways.length)])
            .withPriority(random.nextBoolean() ? 35 : random.nextInt(101), Duration.ofMillis(1));
    KvSequence sequence = cache.begin(prompt, options);
    boolean done = false;
    try {
      if (random.nextBoolean()) {
        sequence.awaitPromotion(Duration.ofNanos(random.nextInt(100_000)));
      }
      assertThat(sequence.expected()).isGreaterThanOrEqualTo(sequence.matched());
      if (!sequence.tryReserve(prompt.length - sequence.matched())) {
        refused++;
        return;
      }
      matched += sequence.matched();
      rows.check(sequence, prompt, salt);
      rows.prefill(sequence, prompt, salt);
      rows.check(sequence, prompt, salt);
      sessions.add(new Session(sequence, salt, prompt));
      done = true;
    } catch (KvCacheFullException e) {
      refused++;
    } finally {
      if (!done) {
        sequence.close();
      }
    }
  }

  private void extend(Session session) {
    if (session.tokens.length >= MOST_TOKENS) {
      end(session);
      return;
    }
    int[] all = joined(session.tokens, 1 + random.nextInt(6), random);
    int from = session.tokens.length;
    rows.append(session.sequence, all, from, all.length, session.salt);
    session.sequence.commit(all, from, all.length - from);
    session.tokens = all;
  }

  private void draft(Session session) {
    int[] wrong = joined(session.tokens, 3, random);
    rows.append(session.sequence, wrong, session.tokens.length, wrong.length, session.salt);
  }

  private void denoise(Session session) {
    if (session.tokens.length >= MOST_TOKENS) {
      end(session);
      return;
    }
    int count = 1 + random.nextInt(7);
    try (DenoisingBlock block = session.sequence.beginBlock(count)) {
      rows.write(block, joined(session.tokens, count, random), session.salt);
      float[] q = new float[count * rows.shape.queryDim()];
      block.attend(random.nextInt(rows.shape.layers()), q, 0, q, 0);
      if (random.nextInt(3) > 0) {
        int[] all = joined(session.tokens, count, random);
        rows.write(block, all, session.salt);
        block.commit(all, session.tokens.length);
        session.tokens = all;
      }
    }
  }

  private void truncate(Session session) {
    int length = random.nextInt(session.tokens.length + 1);
    session.sequence.truncate(length);
    session.tokens = Arrays.copyOf(session.tokens, length);
    assertThat(session.sequence.length()).isEqualTo(length);
  }

  private void fork(Session session) {
    if (sessions.size() >= MOST_OPEN) {
      return;
    }
    sessions.add(new Session(session.sequence.fork(), session.salt, session.tokens));
  }

  private void end(Session session) {
    rows.check(session.sequence, session.tokens, session.salt);
    sessions.remove(session);
    ReuseHint[] hints = ReuseHint.values();
    session.sequence.close(hints[random.nextInt(hints.length)]);
  }

  void endAll() {
    while (!sessions.isEmpty()) {
      end(sessions.getFirst());
    }
    pins.forEach(KvLease::close);
    pins.clear();
  }
}
