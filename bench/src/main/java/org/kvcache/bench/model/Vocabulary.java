package org.kvcache.bench.model;

import java.util.ArrayList;
import java.util.List;

/** One token for each printable ASCII character and the line end, and a few special ones. */
public final class Vocabulary {

  /** Begins a text. */
  public static final int BEGIN = 1;

  /** Ends a text. */
  public static final int END = 2;

  private static final int FIRST = 3;
  private static final int SIZE = 128;
  private static final char LEAST = ' ';
  private static final char GREATEST = '~';

  private Vocabulary() {}

  /** Tokens there are; those that mean nothing are reserved. */
  public static int size() {
    return SIZE;
  }

  /** The texts of all tokens by id. */
  public static List<String> texts() {
    var texts = new ArrayList<>(List.of("<unk>", "<s>", "</s>", "\n"));
    for (char c = LEAST; c <= GREATEST; c++) {
      texts.add(String.valueOf(c));
    }
    while (texts.size() < SIZE) {
      texts.add("<reserved_" + texts.size() + ">");
    }
    return texts;
  }

  /**
   * The tokens of a text, without a begin token.
   *
   * @throws IllegalArgumentException if a character has no token
   */
  public static int[] encode(String text) {
    int[] tokens = new int[text.length()];
    for (int i = 0; i < tokens.length; i++) {
      char c = text.charAt(i);
      if (c != '\n' && (c < LEAST || c > GREATEST)) {
        throw new IllegalArgumentException(
            "character %d of the text is U+%04X; the tiny model knows printable ASCII and line ends"
                .formatted(i, (int) c));
      }
      tokens[i] = c == '\n' ? FIRST : FIRST + 1 + c - LEAST;
    }
    return tokens;
  }

  /** The text of a token; empty for special ones. */
  public static String decode(int token) {
    if (token == FIRST) {
      return "\n";
    }
    return token > FIRST && token <= FIRST + 1 + GREATEST - LEAST
        ? String.valueOf((char) (token - FIRST - 1 + LEAST))
        : "";
  }

  /** The text of several tokens. */
  public static String decode(int[] tokens, int from, int to) {
    var text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(decode(tokens[i]));
    }
    return text.toString();
  }
}
