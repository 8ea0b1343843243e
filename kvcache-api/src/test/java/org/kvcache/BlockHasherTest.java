package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockHasherTest {

  static Stream<HashVector> ownFormatsStayAsTheyAre() {
    return HashVector.rows("framed-keys.tsv").stream()
        .map(row -> HashVector.of(row[0], new KeySpace(row[1], row[2]), row));
  }

  @ParameterizedTest
  @MethodSource
  void ownFormatsStayAsTheyAre(HashVector vector) {
    vector.check(BlockHasher.of(vector.label()));
  }

  @ParameterizedTest
  @CsvSource({
    "'', e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "abc, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq,"
        + " 248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
  })
  void sha256OfTheExamplesOfItsStandard(String text, String expected) {
    byte[] message = text.getBytes(StandardCharsets.US_ASCII);
    byte[] digest = new byte[32];
    new Sha256Digest().digest(message, message.length, digest);
    assertEquals(expected, HexFormat.of().formatHex(digest));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256", "xxh3", "sha256_cbor", "sha256_cbor:0", "sha256_cbor:"})
  void nameLeadsBackToTheSameHasher(String name) {
    BlockHasher hasher = BlockHasher.of(name);
    assertEquals(name, hasher.name());
    assertEquals(hasher, BlockHasher.of(name));
  }

  @Test
  void factoriesAndNamesAgree() {
    assertEquals(List.of("sha256", "xxh3", "sha256_cbor"), BlockHasher.names());
    assertEquals(BlockHasher.of("sha256"), BlockHasher.sha256());
    assertEquals(BlockHasher.of("xxh3"), BlockHasher.xxh3());
    assertEquals(BlockHasher.of("sha256_cbor"), BlockHasher.sha256Cbor("vllm-none-hash"));
    assertNotEquals(BlockHasher.of("sha256_cbor"), BlockHasher.sha256Cbor("0"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "md5", "SHA256", "sha256_cbor_64bit", "xxh3:1"})
  void unknownNameListsTheKnownOnes(String name) {
    var e = assertThrows(IllegalArgumentException.class, () -> BlockHasher.of(name));
    assertEquals(
        "Unknown block hasher \""
            + name
            + "\"; known are sha256, xxh3, sha256_cbor and sha256_cbor:SEED",
        e.getMessage());
  }

  @Test
  void seedMustBeWellFormed() {
    assertThrows(IllegalArgumentException.class, () -> BlockHasher.sha256Cbor("\ud800"));
  }
}
