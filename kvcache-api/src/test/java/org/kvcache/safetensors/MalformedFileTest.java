package org.kvcache.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedFileTest {

  @TempDir private Path folder;

  static Stream<Arguments> files() {
    return Stream.of(
        raw(new byte[0], "has 0 bytes, less than the header length"),
        raw(new byte[7], "has 7 bytes, less than the header length"),
        raw(RawFile.data(8).putLong(2).array(), "claims a header of 2 bytes, but 0 follow"),
        raw(RawFile.data(8).putLong(100_000_001).array(), "claims a header of 100000001 bytes"),
        raw(RawFile.data(8).putLong(-1).array(), "a header of 18446744073709551615 bytes, at most"),
        raw(RawFile.data(9).putLong(1).put((byte) 0xff).array(), "has a header that is not UTF-8"),
        header("", "does not begin with '{'"),
        header(" {}", "does not begin with '{'"),
        header("[]", "does not begin with '{'"),
        header("{'a': ", "has a header that is refused as JSON"),
        header("{} x", "has a header that is refused as JSON"),
        header("{'w': 1, 'w': 1}", "Duplicate Object property \"w\""),
        header("{'__metadata__': []}", "has a __metadata__ that is no object of strings"),
        header("{'__metadata__': {'k': 1}}", "__metadata__ 'k' is no string"),
        header("{'w': 1}", "tensor 'w' has no dtype"),
        header("{'w': {'dtype': 4}}", "tensor 'w' has no dtype"),
        tensor("'shape': 1, 'data_offsets': [0, 4]", "tensor 'w' has no shape"),
        tensor("'data_offsets': [0, 4]", "tensor 'w' has no shape"),
        tensor("'shape': [-1], 'data_offsets': [0, 4]", "tensor 'w' has no shape"),
        tensor("'shape': [1.0], 'data_offsets': [0, 4]", "tensor 'w' has no shape"),
        tensor("'shape': ['1'], 'data_offsets': [0, 4]", "tensor 'w' has no shape"),
        tensor("'shape': [18446744073709551616], 'data_offsets': [0, 4]", "has no shape"),
        tensor("'shape': [1]", "tensor 'w' has no data_offsets"),
        tensor("'shape': [1], 'data_offsets': [0]", "tensor 'w' has data_offsets [0]"),
        tensor("'shape': [1], 'data_offsets': [4, 0]", "tensor 'w' has data_offsets [4, 0]"),
        tensor("'shape': [2], 'data_offsets': [0, 8]", "ends at byte 8 of the data, which has 4"),
        tensor("'shape': [1], 'data_offsets': [0, 3]", "has 3 bytes of data; F32 [1] does not"),
        tensor("'shape': [0], 'data_offsets': [0, 4]", "has 4 bytes of data; F32 [0] does not"),
        tensor("'shape': [0], 'data_offsets': [4, 4]", "comes after 4 bytes that belong to no"),
        tensor("'shape': [0], 'data_offsets': [0, 0]", "ends with 4 bytes that belong to no"),
        tensor(
            "'shape': [4294967296, 4294967296, 4], 'data_offsets': [0, 4]",
            "more elements than can be counted"),
        tensor(
            "'shape': [1152921504606846977], 'data_offsets': [0, 4]",
            "more elements than can be counted"),
        tensor(
            "'shape': [1], 'data_offsets': [0, 4]},"
                + " 'v': {'dtype': 'U8', 'shape': [2], 'data_offsets': [2, 4]",
            "tensor 'v' overlaps the tensor before it"));
  }

  private static Arguments raw(byte[] bytes, String message) {
    return Arguments.of(bytes, message);
  }

  private static Arguments header(String json, String message) {
    return raw(RawFile.bytes(json), message);
  }

  private static Arguments tensor(String fields, String message) {
    return raw(RawFile.bytes("{'w': {'dtype': 'F32', " + fields + "}}", new byte[4]), message);
  }

  @ParameterizedTest
  @MethodSource("files")
  void isRefusedWithFileAndReason(byte[] bytes, String message) throws IOException {
    Path file = RawFile.in(folder, bytes);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.open(file))
        .withMessageStartingWith(file + ": ")
        .withMessageContaining(message)
        .satisfies(thrown -> assertThat(thrown.getMessage().lines()).hasSize(1));
  }
}
