package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KeySpaceTest {

  @Test
  void saltIsOptional() {
    assertEquals(new KeySpace("m", ""), KeySpace.of("m"));
    assertEquals(new KeySpace("m", "t"), KeySpace.of("m").withSalt("t"));
    assertEquals(KeySpace.of("m"), KeySpace.of("m").withSalt("t").withSalt(""));
  }

  @Test
  void emptyNamespaceIsRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> KeySpace.of(""));
    assertTrue(e.getMessage().startsWith("The namespace is empty"), e.getMessage());
  }

  @Test
  void unpairedSurrogateIsRefusedRatherThanReplaced() {
    var namespace = assertThrows(IllegalArgumentException.class, () -> KeySpace.of("a\udc00"));
    assertTrue(namespace.getMessage().startsWith("The namespace has an unpaired"));
    var salt =
        assertThrows(IllegalArgumentException.class, () -> KeySpace.of("m").withSalt("\ud800"));
    assertTrue(salt.getMessage().startsWith("The salt has an unpaired"));
  }

  @Test
  void textDoesNotGiveTheSaltAway() {
    assertEquals("KeySpace[m]", KeySpace.of("m").toString());
    assertEquals("KeySpace[m, salted]", KeySpace.of("m").withSalt("secret").toString());
    assertFalse(KeySpace.of("m").withSalt("secret").toString().contains("secret"));
  }
}
