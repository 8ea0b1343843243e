package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Sha256CborTest {

  private static final BlockHasher HASHER = BlockHasher.of("sha256_cbor");

  static Stream<HashVector> everyVectorEqualsVllm() {
    return HashVector.rows("vllm-sha256-cbor.tsv").stream()
        .map(row ->
            HashVector.of(row[0] + " seed=" + row[1], KeySpace.of("m").withSalt(row[2]), row));
  }

  @ParameterizedTest
  @MethodSource
  void everyVectorEqualsVllm(HashVector vector) {
    String seed = vector.label().substring(vector.label().indexOf('=') + 1);
    vector.check(BlockHasher.sha256Cbor(seed));
    vector.check(BlockHasher.of("sha256_cbor:" + seed));
  }

  /**
   * Numbers that vLLM 29bf597539 itself printed, as ai-dynamo's test of its own port cites them.
   */
  @Test
  void equalsWhatVllmItselfPrinted() {
    KeyChain chain = HASHER.chain(KeySpace.of("m"));
    assertEquals(
        "9bd96a485ad84efdafb72ee48a1d7a69bcead0f8f0433173941b276b9581eef0", hex(chain.digest()));
    int[] tokens = new int[300];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = (i * 7919 + 13) % 152_064;
    }
    BlockKeys keys = new BlockKeys();
    assertEquals(2, chain.appendFullBlocks(tokens, 0, 300, 128, keys));
    assertEquals(
        "2e69fa8c8aebe362593b51b8b212f1aeb45f9bb56c4258c0bf2a94f1e384e2a5", hex(chain.digest()));
    assertEquals(
        List.of("8263819412558533880", "13774986176891249317"),
        List.of(Long.toUnsignedString(keys.lo(0)), Long.toUnsignedString(keys.lo(1))));
  }

  @Test
  void namespaceStaysOutOfTheHash() {
    assertArrayEquals(digest(KeySpace.of("llama"), 1), digest(KeySpace.of("qwen"), 1));
  }

  @Test
  void saltEntersThroughTheFirstBlockOnly() {
    KeySpace salted = KeySpace.of("m").withSalt("t");
    assertArrayEquals(
        HASHER.chain(KeySpace.of("m")).digest(),
        HASHER.chain(salted).digest(),
        "the root does not hold the salt");
    KeyChain plain = HASHER.chain(KeySpace.of("m"));
    plain.resume(digest(salted, 1), 0, 1);
    plain.append(new int[] {7}, 0, 1, new BlockKeys());
    assertArrayEquals(digest(salted, 2), plain.digest());
    assertNotEquals(hex(digest(salted, 1)), hex(digest(KeySpace.of("m"), 1)));
  }

  @Test
  void resumingAtTheRootIsTheFirstBlockAgain() {
    KeySpace salted = KeySpace.of("m").withSalt("t");
    KeyChain chain = HASHER.chain(salted);
    byte[] root = chain.digest();
    chain.append(new int[] {1}, 0, 1, new BlockKeys());
    chain.resume(root, 0, 0);
    chain.append(new int[] {7}, 0, 1, new BlockKeys());
    assertArrayEquals(digest(salted, 1), chain.digest());
  }

  private static byte[] digest(KeySpace space, int blocks) {
    KeyChain chain = HASHER.chain(space);
    for (int i = 0; i < blocks; i++) {
      chain.append(new int[] {7}, 0, 1, new BlockKeys());
    }
    return chain.digest();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
