package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CborTest {

  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "10, 0a",
    "23, 17",
    "24, 1818",
    "25, 1819",
    "100, 1864",
    "255, 18ff",
    "256, 190100",
    "1000, 1903e8",
    "65535, 19ffff",
    "65536, 1a00010000",
    "1000000, 1a000f4240",
    "2147483647, 1a7fffffff",
    "-1, 20",
    "-10, 29",
    "-24, 37",
    "-25, 3818",
    "-100, 3863",
    "-256, 38ff",
    "-257, 390100",
    "-1000, 3903e7",
    "-2147483648, 3a7fffffff"
  })
  void integerHasTheShortestHead(int value, String hex) {
    assertEquals(hex, written(sink -> Cbor.putInt(sink, value)));
  }

  @Test
  void stringsArraysAndNullAsInTheStandardsAppendix() {
    assertEquals("40", written(sink -> Cbor.putBytes(sink, new byte[0])));
    assertEquals("4401020304", written(sink -> Cbor.putBytes(sink, new byte[] {1, 2, 3, 4})));
    assertEquals("6449455446", written(sink -> Cbor.putText(sink, utf8("IETF"))));
    assertEquals("63e6b0b4", written(sink -> Cbor.putText(sink, utf8("\u6c34"))));
    assertEquals("64f0908591", written(sink -> Cbor.putText(sink, utf8("\ud800\udd51"))));
    assertEquals("80", written(sink -> Cbor.putArrayHead(sink, 0)));
    assertEquals("9819", written(sink -> Cbor.putArrayHead(sink, 25)));
    assertEquals("f6", written(Cbor::putNull));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String written(Consumer<ByteSink> writer) {
    ByteSink sink = new ByteSink();
    writer.accept(sink);
    return HexFormat.of().formatHex(sink.toByteArray());
  }
}
