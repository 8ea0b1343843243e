package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KeyChainTest {

  private static final int[] TOKENS = IntStream.range(0, 64).toArray();
  private static final KeySpace SPACE = new KeySpace("model", "tenant");

  static List<String> hashers() {
    return BlockHasher.names();
  }

  @ParameterizedTest
  @MethodSource("hashers")
  void fullBlocksEqualBlocksOneByOne(String name) {
    BlockKeys oneByOne = new BlockKeys();
    KeyChain chain = chain(name);
    for (int at = 3; at + 5 <= 50; at += 5) {
      chain.append(TOKENS, at, 5, oneByOne);
    }
    BlockKeys together = new BlockKeys();
    KeyChain other = chain(name);
    assertEquals(9, other.appendFullBlocks(TOKENS, 3, 49, 5, together));
    assertEquals(oneByOne, together);
    assertEquals(9, other.blocks());
    assertArrayEquals(chain.digest(), other.digest());
    assertEquals(0, other.appendFullBlocks(TOKENS, 60, 4, 5, together));
    assertEquals(0, other.appendFullBlocks(TOKENS, 64, 0, 5, together));
    assertEquals(9, together.size());
  }

  @ParameterizedTest
  @MethodSource("hashers")
  void keysFollowThoseInTheList(String name) {
    BlockKeys keys = new BlockKeys();
    keys.add(1, 2);
    chain(name).append(TOKENS, 0, 4, keys);
    assertEquals(new BlockKey(1, 2), keys.get(0));
    assertEquals(2, keys.size());
  }

  @ParameterizedTest
  @MethodSource("hashers")
  void resetStartsOver(String name) {
    KeyChain chain = chain(name);
    byte[] root = chain.digest();
    BlockKeys first = new BlockKeys();
    chain.appendFullBlocks(TOKENS, 0, 64, 16, first);
    chain.reset();
    assertEquals(0, chain.blocks());
    assertArrayEquals(root, chain.digest());
    BlockKeys again = new BlockKeys();
    chain.appendFullBlocks(TOKENS, 0, 64, 16, again);
    assertEquals(first, again);
  }

  @ParameterizedTest
  @MethodSource("hashers")
  void copyGoesItsOwnWay(String name) {
    KeyChain chain = chain(name);
    BlockKeys shared = new BlockKeys();
    chain.appendFullBlocks(TOKENS, 0, 32, 16, shared);
    KeyChain fork = chain.copy();
    assertEquals(2, fork.blocks());
    BlockKeys left = new BlockKeys();
    chain.append(TOKENS, 32, 16, left);
    BlockKeys right = new BlockKeys();
    fork.append(TOKENS, 33, 16, right);
    assertNotEquals(left, right);
    BlockKeys rightAgain = new BlockKeys();
    KeyChain third = chain(name);
    third.appendFullBlocks(TOKENS, 0, 32, 16, new BlockKeys());
    third.append(TOKENS, 33, 16, rightAgain);
    assertEquals(rightAgain, right);
    fork.reset();
    assertArrayEquals(chain(name).digest(), fork.digest());
  }

  @ParameterizedTest
  @MethodSource("hashers")
  void resumeGoesBackToASavedDigest(String name) {
    KeyChain chain = chain(name);
    byte[] saved = new byte[chain.digestBytes() + 5];
    chain.append(TOKENS, 0, 16, new BlockKeys());
    chain.copyDigest(saved, 5);
    BlockKeys drafted = new BlockKeys();
    chain.append(TOKENS, 16, 16, drafted);
    chain.append(TOKENS, 32, 16, new BlockKeys());
    chain.resume(saved, 5, 1);
    assertEquals(1, chain.blocks());
    BlockKeys again = new BlockKeys();
    chain.append(TOKENS, 16, 16, again);
    assertEquals(drafted, again);
  }

  @ParameterizedTest
  @MethodSource("hashers")
  void keyIsTheEndOfTheDigest(String name) {
    KeyChain chain = chain(name);
    BlockKeys keys = new BlockKeys();
    chain.append(TOKENS, 0, 16, keys);
    byte[] digest = chain.digest();
    assertEquals(chain.digestBytes(), digest.length);
    byte[] end = Arrays.copyOfRange(digest, digest.length - 16, digest.length);
    assertEquals(
        keys.get(0), new BlockKey(ByteSink.getLong(end, 0), ByteSink.getLong(end, Long.BYTES)));
  }

  @ParameterizedTest
  @MethodSource("hashers")
  void badArgumentsLeaveTheChainAsItWas(String name) {
    KeyChain chain = chain(name);
    BlockKeys keys = new BlockKeys();
    chain.append(TOKENS, 0, 16, keys);
    byte[] before = chain.digest();
    for (int blockTokens : new int[] {0, -1, (1 << 24) + 1}) {
      assertThrows(
          IllegalArgumentException.class, () -> chain.append(TOKENS, 0, blockTokens, keys));
      assertThrows(
          IllegalArgumentException.class,
          () -> chain.appendFullBlocks(TOKENS, 0, 16, blockTokens, keys));
    }
    for (int offset : new int[] {-1, 49, 65, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      var e =
          assertThrows(
              IndexOutOfBoundsException.class, () -> chain.append(TOKENS, offset, 16, keys));
      assertEquals("16 tokens from " + offset + " are not within an array of 64", e.getMessage());
    }
    assertThrows(
        IndexOutOfBoundsException.class, () -> chain.appendFullBlocks(TOKENS, 0, -1, 16, keys));
    byte[] tooShort = new byte[chain.digestBytes()];
    assertThrows(IndexOutOfBoundsException.class, () -> chain.copyDigest(tooShort, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> chain.resume(tooShort, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> chain.resume(tooShort, 0, -1));
    assertArrayEquals(before, chain.digest());
    assertEquals(1, chain.blocks());
    assertEquals(1, keys.size());
  }

  private static KeyChain chain(String name) {
    return BlockHasher.of(name).chain(SPACE);
  }
}
