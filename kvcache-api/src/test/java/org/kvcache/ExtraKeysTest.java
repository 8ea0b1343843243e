package org.kvcache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kvcache.ExtraKeys.Multimodal;

class ExtraKeysTest {

  @Test
  void noneIsEmpty() {
    assertTrue(ExtraKeys.NONE.isEmpty());
    assertNull(ExtraKeys.NONE.loraName());
    assertNull(ExtraKeys.NONE.promptEmbedsHash());
    assertEquals(List.of(), ExtraKeys.NONE.multimodal());
  }

  @Test
  void partsAreKeptApart() {
    byte[] hash = new byte[32];
    hash[0] = 9;
    ExtraKeys all =
        ExtraKeys.ofLora("l").withMultimodal("a", -3).withMultimodal("b", 2).withPromptEmbeds(hash);
    assertFalse(all.isEmpty());
    assertEquals("l", all.loraName());
    assertEquals(List.of(new Multimodal("a", -3), new Multimodal("b", 2)), all.multimodal());
    assertArrayEquals(hash, all.promptEmbedsHash());
    assertEquals(
        "ExtraKeys[lora=l, multimodal=[Multimodal[identifier=a, offset=-3],"
            + " Multimodal[identifier=b, offset=2]], prompt embeds]",
        all.toString());
    assertEquals("m", all.withLora("m").loraName());
  }

  @Test
  void hashIsCopiedInAndOut() {
    byte[] hash = new byte[32];
    ExtraKeys extras = ExtraKeys.NONE.withPromptEmbeds(hash);
    hash[0] = 1;
    extras.promptEmbedsHash()[1] = 1;
    assertArrayEquals(new byte[32], extras.promptEmbedsHash());
  }

  @Test
  void equalByContent() {
    ExtraKeys one = ExtraKeys.ofLora("l").withMultimodal("a", 1);
    assertEquals(one, ExtraKeys.NONE.withMultimodal("a", 1).withLora("l"));
    assertEquals(one.hashCode(), ExtraKeys.NONE.withMultimodal("a", 1).withLora("l").hashCode());
    assertNotEquals(one, ExtraKeys.ofLora("l").withMultimodal("a", 2));
    assertNotEquals(one, ExtraKeys.ofLora("l"));
    assertNotEquals(one, one.withPromptEmbeds(new byte[32]));
  }

  @Test
  void badValuesAreRefused() {
    byte[] shortHash = new byte[31];
    assertThrows(IllegalArgumentException.class, () -> ExtraKeys.ofLora(""));
    assertThrows(IllegalArgumentException.class, () -> ExtraKeys.ofLora("\ud800"));
    assertThrows(IllegalArgumentException.class, () -> ExtraKeys.NONE.withMultimodal("", 0));
    assertThrows(IllegalArgumentException.class, () -> ExtraKeys.NONE.withMultimodal("\udc00", 0));
    assertThrows(IllegalArgumentException.class, () -> ExtraKeys.NONE.withPromptEmbeds(shortHash));
  }
}
