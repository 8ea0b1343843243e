package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockKeysTest {

  @Property
  void behavesAsAList(@ForAll List<@IntRange(min = -2, max = 9) Integer> steps) {
    BlockKeys keys = new BlockKeys(0);
    List<BlockKey> model = new ArrayList<>();
    for (int step : steps) {
      if (step == -2) {
        keys.clear();
        model.clear();
      } else if (step == -1) {
        keys.truncate(model.size() / 2);
        model.subList(model.size() / 2, model.size()).clear();
      } else {
        keys.add(step, ~step);
        model.add(new BlockKey(step, ~step));
      }
      assertEquals(model, listOf(keys));
      assertEquals(model.isEmpty(), keys.isEmpty());
    }
  }

  @Test
  void copyIsEqualAndIndependent() {
    BlockKeys from = keysUpTo(40);
    BlockKeys copy = keysUpTo(3);
    copy.copyFrom(from);
    assertEquals(from, copy);
    assertEquals(from.hashCode(), copy.hashCode());
    copy.truncate(7);
    assertEquals(40, from.size());
    assertNotEquals(from, copy);
    from.copyFrom(copy);
    assertEquals(from, copy);
    from.copyFrom(from);
    assertEquals(copy, from);
  }

  @Test
  void truncatedKeysAreNotSeenByEquals() {
    BlockKeys truncated = keysUpTo(9);
    truncated.truncate(8);
    assertEquals(keysUpTo(8), truncated);
    assertNotEquals(keysUpTo(9), truncated);
    assertFalse(truncated.equals(null));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, 4, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void indexOutsideIsRefused(int index) {
    BlockKeys keys = keysUpTo(3);
    for (var read :
        List.<Runnable>of(() -> keys.hi(index), () -> keys.lo(index), () -> keys.get(index))) {
      var e = assertThrows(IndexOutOfBoundsException.class, read::run);
      assertEquals("No block key " + index + ", there are 3", e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 4})
  void truncateOutsideIsRefused(int size) {
    BlockKeys keys = keysUpTo(3);
    var e = assertThrows(IndexOutOfBoundsException.class, () -> keys.truncate(size));
    assertEquals("Cannot keep " + size + " of 3 block keys", e.getMessage());
    assertEquals(3, keys.size());
  }

  @Test
  void negativeCapacityIsRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> new BlockKeys(-1));
    assertEquals("capacity is negative: -1", e.getMessage());
  }

  @Test
  void textShowsSizeAndLastKey() {
    assertEquals("BlockKeys[0]", new BlockKeys().toString());
    assertTrue(keysUpTo(3).toString().startsWith("BlockKeys[3, last 00000000000000020"));
  }

  private static BlockKeys keysUpTo(int size) {
    BlockKeys keys = new BlockKeys();
    for (int i = 0; i < size; i++) {
      keys.add(i, 2L * i);
    }
    return keys;
  }

  private static List<BlockKey> listOf(BlockKeys keys) {
    List<BlockKey> list = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      assertEquals(keys.get(i), new BlockKey(keys.hi(i), keys.lo(i)));
      list.add(keys.get(i));
    }
    return list;
  }
}
