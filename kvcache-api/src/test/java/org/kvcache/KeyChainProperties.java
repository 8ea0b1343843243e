package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class KeyChainProperties {

  private static final KeySpace SPACE = new KeySpace("model", "tenant");
  private static final int BLOCK = 4;

  @Property
  void keysAgreeExactlyAsFarAsTheBlocksDo(
      @ForAll("hashers") BlockHasher hasher,
      @ForAll @Size(24) int[] tokens,
      @ForAll @IntRange(max = 23) int changed,
      @ForAll int change) {
    Assume.that(change != 0);
    BlockKeys before = keys(hasher, SPACE, tokens, ExtraKeys.NONE);
    int[] other = tokens.clone();
    other[changed] ^= change;
    BlockKeys after = keys(hasher, SPACE, other, ExtraKeys.NONE);
    for (int block = 0; block < before.size(); block++) {
      assertEquals(block < changed / BLOCK, before.get(block).equals(after.get(block)));
    }
  }

  @Property
  void sameTokensOfOtherSpacesShareNoKey(
      @ForAll("framed") BlockHasher hasher,
      @ForAll("spaces") KeySpace one,
      @ForAll("spaces") KeySpace two,
      @ForAll @Size(8) int[] tokens) {
    Assume.that(!one.equals(two));
    assertNoKeyShared(
        keys(hasher, one, tokens, ExtraKeys.NONE), keys(hasher, two, tokens, ExtraKeys.NONE));
  }

  @Property
  void otherSaltsShareNoKey(
      @ForAll("hashers") BlockHasher hasher,
      @ForAll("texts") String one,
      @ForAll("texts") String two,
      @ForAll @Size(8) int[] tokens) {
    Assume.that(!one.equals(two));
    assertNoKeyShared(
        keys(hasher, SPACE.withSalt(one), tokens, ExtraKeys.NONE),
        keys(hasher, SPACE.withSalt(two), tokens, ExtraKeys.NONE));
  }

  @Property
  void otherExtrasShareNoKey(
      @ForAll("hashers") BlockHasher hasher,
      @ForAll("extras") ExtraKeys one,
      @ForAll("extras") ExtraKeys two,
      @ForAll @Size(8) int[] tokens) {
    BlockKeys left = keys(hasher, SPACE, tokens, one);
    BlockKeys right = keys(hasher, SPACE, tokens, two);
    if (one.equals(two)) {
      assertEquals(left, right);
    } else {
      assertNoKeyShared(left, right);
    }
  }

  @Property
  void otherParentsGiveOtherKeys(
      @ForAll("hashers") BlockHasher hasher,
      @ForAll @Size(8) int[] one,
      @ForAll @Size(8) int[] two) {
    Assume.that(one[0] != two[0]);
    System.arraycopy(one, BLOCK, two, BLOCK, BLOCK);
    assertNoKeyShared(
        keys(hasher, SPACE, one, ExtraKeys.NONE), keys(hasher, SPACE, two, ExtraKeys.NONE));
  }

  @Property
  void otherBlockLengthsShareNoKey(
      @ForAll("hashers") BlockHasher hasher,
      @ForAll @Size(24) int[] tokens,
      @ForAll @IntRange(min = 1, max = 24) int one,
      @ForAll @IntRange(min = 1, max = 24) int two) {
    Assume.that(one != two);
    BlockKeys left = new BlockKeys();
    hasher.chain(SPACE).appendFullBlocks(tokens, 0, 24, one, left);
    BlockKeys right = new BlockKeys();
    hasher.chain(SPACE).appendFullBlocks(tokens, 0, 24, two, right);
    assertNoKeyShared(left, right);
  }

  /** Messages, not digests: what is not injective here no hash function mends. */
  @Property
  void ownMessageIsInjective(@ForAll("inputs") List<Input> inputs) {
    Map<String, Input> seen = new HashMap<>();
    for (Input input : inputs) {
      Input same = seen.putIfAbsent(input.message(), input);
      if (same != null) {
        assertEquals(same.identity(), input.identity());
      }
    }
  }

  @Property
  void namespaceAndSaltDoNotRunTogether(
      @ForAll("texts") String text, @ForAll @IntRange(min = 1, max = 6) int cut) {
    Assume.that(cut < text.length());
    assertNotEquals(
        root(new KeySpace(text, "")),
        root(new KeySpace(text.substring(0, cut), text.substring(cut))));
    assertNotEquals(root(new KeySpace("ab", "c")), root(new KeySpace("a", "bc")));
  }

  record Input(int[] tokens, ExtraKeys extras) {
    String message() {
      ByteSink sink = new ByteSink();
      new FramedMessage(SPACE).write(sink, new byte[32], true, tokens, 0, tokens.length, extras);
      return HexFormat.of().formatHex(sink.toByteArray());
    }

    List<Object> identity() {
      return List.of(Arrays.toString(tokens), extras);
    }
  }

  @Provide
  Arbitrary<List<Input>> inputs() {
    Arbitrary<int[]> tokens =
        Arbitraries.integers().between(0, 1).array(int[].class).ofMinSize(1).ofMaxSize(3);
    return Combinators.combine(tokens, extras()).as(Input::new).list().ofSize(40);
  }

  @Provide
  Arbitrary<BlockHasher> hashers() {
    return Arbitraries.of(BlockHasher.names()).map(BlockHasher::of);
  }

  @Provide
  Arbitrary<BlockHasher> framed() {
    return Arbitraries.of(BlockHasher.sha256(), BlockHasher.xxh3());
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings().withChars("ab\u00e9\u6f22").ofMaxLength(4);
  }

  @Provide
  Arbitrary<KeySpace> spaces() {
    return Combinators.combine(texts().filter(text -> !text.isEmpty()), texts()).as(KeySpace::new);
  }

  @Provide
  Arbitrary<ExtraKeys> extras() {
    Arbitrary<String> names = texts().filter(text -> !text.isEmpty());
    Arbitrary<ExtraKeys> lora =
        Arbitraries.oneOf(Arbitraries.just(ExtraKeys.NONE), names.map(ExtraKeys::ofLora));
    return Combinators.combine(
            lora,
            names,
            Arbitraries.integers().between(-300, 300),
            Arbitraries.integers().between(0, 5))
        .as((base, name, offset, kind) ->
            switch (kind) {
              case 0 -> base;
              case 1 -> base.withPromptEmbeds(new byte[32]);
              case 2 -> base.withMultimodal(name, offset).withPromptEmbeds(new byte[32]);
              case 3 -> base.withMultimodal(name, offset).withMultimodal("b", 1);
              default -> base.withMultimodal(name, offset);
            });
  }

  private static BlockKeys keys(
      BlockHasher hasher, KeySpace space, int[] tokens, ExtraKeys extras) {
    BlockKeys keys = new BlockKeys();
    hasher.chain(space).appendFullBlocks(tokens, 0, tokens.length, BLOCK, extras, keys);
    return keys;
  }

  private static String root(KeySpace space) {
    return HexFormat.of().formatHex(new FramedMessage(space).root());
  }

  private static void assertNoKeyShared(BlockKeys one, BlockKeys two) {
    for (int i = 0; i < one.size(); i++) {
      for (int j = 0; j < two.size(); j++) {
        assertNotEquals(one.get(i), two.get(j));
      }
    }
  }
}
