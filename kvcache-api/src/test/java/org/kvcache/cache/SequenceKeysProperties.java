package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.BlockHasher;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.KeyChain;
import org.kvcache.KeySpace;
import org.kvcache.SequenceOptions;

class SequenceKeysProperties {

  private static final KeySpace SPACE = KeySpace.of("tests");
  private static final String[] SALTS = {"", "red"};

  @Provide
  Arbitrary<String> hashers() {
    return Arbitraries.of("sha256", "xxh3", "sha256_cbor");
  }

  private static KeySpace space(SequenceOptions options) {
    return options.salt().isEmpty() ? SPACE : SPACE.withSalt(options.salt());
  }

  private static SequenceOptions options(Random random) {
    SequenceOptions options = SequenceOptions.DEFAULT.withSalt(SALTS[random.nextInt(2)]);
    if (random.nextInt(3) == 0) {
      options = options.withLora("adapter" + random.nextInt(2));
    }
    for (int position = 1; random.nextInt(3) == 0; position += 7) {
      options = options.withImage("image" + random.nextInt(2), position, 1 + random.nextInt(6));
    }
    return options;
  }

  private static List<BlockKey> fresh(
      BlockHasher hasher, SequenceOptions options, int[] tokens, int blockTokens) {
    KeyChain chain = hasher.chain(space(options));
    var keys = new BlockKeys();
    for (int at = 0; at + blockTokens <= tokens.length; at += blockTokens) {
      chain.append(tokens, at, blockTokens, options.extraKeys(at, at + blockTokens), keys);
    }
    return list(keys);
  }

  private static List<BlockKey> list(BlockKeys keys) {
    List<BlockKey> list = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      list.add(keys.get(i));
    }
    return list;
  }

  private static final class Session {
    final SequenceKeys keys;
    int[] tokens;

    Session(SequenceKeys keys, int[] tokens) {
      this.keys = keys;
      this.tokens = tokens;
    }
  }

  @Property(tries = 300)
  void keysAreThoseOfAFreshChain(
      @ForAll @From("hashers") String hasherName,
      @ForAll @IntRange(min = 1, max = 5) int blockTokens,
      @ForAll long seed) {
    BlockHasher hasher = BlockHasher.of(hasherName);
    var random = new Random(seed);
    var memo = new KeyMemo(4);
    List<Session> sessions = new ArrayList<>();
    for (int step = 0; step < 40; step++) {
      Session session;
      switch (sessions.isEmpty() ? 0 : random.nextInt(6)) {
        case 0 -> {
          SequenceOptions options = options(random);
          int[] prompt = new int[random.nextInt(20)];
          Arrays.setAll(prompt, i -> random.nextInt(4) == 0 ? 1 : 0);
          var keys = new SequenceKeys(hasher, space(options), options, blockTokens);
          keys.begin(prompt, random.nextInt(4) == 0 ? null : memo);
          session = new Session(keys, prompt);
          sessions.add(session);
        }
        case 1, 2 -> {
          session = sessions.get(random.nextInt(sessions.size()));
          int more = random.nextInt(9);
          int from = session.tokens.length;
          session.tokens = Arrays.copyOf(session.tokens, from + more);
          for (int i = from; i < from + more; i++) {
            session.tokens[i] = random.nextInt(2);
            session.keys.add(session.tokens[i]);
          }
          session.keys.extend(session.tokens.length / blockTokens);
        }
        case 3 -> {
          session = sessions.get(random.nextInt(sessions.size()));
          int length = random.nextInt(session.tokens.length + 1);
          session.tokens = Arrays.copyOf(session.tokens, length);
          session.keys.truncate(length);
        }
        case 4 -> {
          Session source = sessions.get(random.nextInt(sessions.size()));
          int length = random.nextInt(source.tokens.length + 1);
          session = new Session(source.keys.copy(length), Arrays.copyOf(source.tokens, length));
          sessions.add(session);
        }
        default -> {
          session = sessions.remove(random.nextInt(sessions.size()));
          memo.add(session.keys);
        }
      }
      assertThat(session.keys.tokenCount()).isEqualTo(session.tokens.length);
      assertThat(Arrays.copyOf(session.keys.tokens(), session.tokens.length))
          .isEqualTo(session.tokens);
      assertThat(list(session.keys.keys()))
          .isEqualTo(fresh(hasher, session.keys.options(), session.tokens, blockTokens));
    }
  }
}
