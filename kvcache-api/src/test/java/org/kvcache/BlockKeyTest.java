package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockKeyTest {

  @Property
  void parseReadsWhatToStringWrites(@ForAll long hi, @ForAll long lo) {
    BlockKey key = new BlockKey(hi, lo);
    assertEquals(key, BlockKey.parse(key.toString()));
    assertEquals(key, BlockKey.parse(key.toString().toUpperCase(Locale.ROOT)));
    assertEquals(32, key.toString().length());
  }

  @Test
  void upperHalfComesFirst() {
    assertEquals("00000000000000010000000000000002", new BlockKey(1, 2).toString());
    assertEquals("ffffffffffffffff8000000000000000", new BlockKey(-1, Long.MIN_VALUE).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0123",
        "0000000000000001000000000000000",
        "000000000000000100000000000000020",
        "000000000000000g0000000000000002",
        "-0000000000000010000000000000002",
        "\u0660000000000000010000000000000002"
      })
  void otherTextIsRefusedAndShown(String text) {
    var e = assertThrows(IllegalArgumentException.class, () -> BlockKey.parse(text));
    assertTrue(e.getMessage().startsWith("A block key is 32 hex digits"), e.getMessage());
    assertTrue(e.getMessage().endsWith(text), e.getMessage());
  }
}
