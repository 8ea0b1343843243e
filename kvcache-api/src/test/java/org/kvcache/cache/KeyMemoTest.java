package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.kvcache.BlockHasher;
import org.kvcache.KeySpace;
import org.kvcache.SequenceOptions;

class KeyMemoTest {

  private final KeyMemo memo = new KeyMemo(4);

  private static SequenceKeys keys(String text, SequenceOptions options) {
    KeySpace space = KeySpace.of("tests");
    var keys =
        new SequenceKeys(
            BlockHasher.of("xxh3"),
            options.salt().isEmpty() ? space : space.withSalt(options.salt()),
            options,
            4);
    keys.begin(Caches.tokens(text), null);
    return keys;
  }

  private static SequenceKeys keys(String text) {
    return keys(text, SequenceOptions.DEFAULT);
  }

  @Test
  void longestCommonPrefixWins() {
    SequenceKeys shorter = keys("abcdefgh");
    SequenceKeys longer = keys("abcdefghijkl");
    memo.add(longer);
    memo.add(shorter);
    memo.add(keys("xxxx"));
    assertThat(memo.longest(keys("abcdefghijklm"))).isSameAs(longer);
    assertThat(memo.longest(keys("abcdefg"))).isSameAs(shorter);
    assertThat(memo.longest(keys("abc"))).isNull();
  }

  @Test
  void otherTenantsAdaptersAndImagesAreOthers() {
    memo.add(keys("abcdefgh"));
    SequenceOptions plain = SequenceOptions.DEFAULT;
    assertThat(memo.longest(keys("abcdefgh", plain.withSalt("red")))).isNull();
    assertThat(memo.longest(keys("abcdefgh", plain.withLora("adapter")))).isNull();
    assertThat(memo.longest(keys("abcdefgh", plain.withImage("cat", 6, 1)))).isNull();
    memo.add(keys("abcdefgh", plain.withImage("cat", 6, 1)));
    assertThat(memo.longest(keys("abcdefgh", plain.withImage("dog", 6, 1)))).isNull();
    assertThat(memo.longest(keys("abcdefgh", plain.withImage("cat", 6, 1)))).isNotNull();
  }

  @Test
  void oldestIsForgotten() {
    memo.add(keys("aaaa"));
    for (int i = 0; i < 4; i++) {
      memo.add(keys("bbb" + i));
    }
    assertThat(memo.longest(keys("aaaa"))).isNull();
    assertThat(memo.longest(keys("bbb0"))).isNotNull();
    memo.clear();
    assertThat(memo.longest(keys("bbb3"))).isNull();
  }

  @Test
  void keysWithoutAFullBlockAreNotKept() {
    memo.add(keys("aaaa"));
    for (int i = 0; i < 4; i++) {
      memo.add(keys("abc"));
    }
    assertThat(memo.longest(keys("aaaa"))).isNotNull();
  }
}
