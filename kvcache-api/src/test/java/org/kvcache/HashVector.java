package org.kvcache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** One line of a table of golden digests. */
record HashVector(
    String label,
    KeySpace space,
    int blockTokens,
    int[] tokens,
    List<ExtraKeys> extras,
    List<String> digests) {

  static List<String[]> rows(String resource) {
    try (var in = HashVector.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static HashVector of(String label, KeySpace space, String[] row) {
    return new HashVector(
        label,
        space,
        Integer.parseInt(row[3]),
        Arrays.stream(row[4].split(",")).mapToInt(Integer::parseInt).toArray(),
        Arrays.stream(row[5].split(";", -1)).map(HashVector::extras).toList(),
        List.of(row[6].split(",")));
  }

  void check(BlockHasher hasher) {
    KeyChain chain = hasher.chain(space);
    BlockKeys keys = new BlockKeys();
    for (int block = 0; block < digests.size(); block++) {
      chain.append(tokens, block * blockTokens, blockTokens, extras.get(block), keys);
      String hex = HexFormat.of().formatHex(chain.digest());
      if (!hex.equals(digests.get(block))) {
        throw new AssertionError(label + ", block " + block + ": " + hex);
      }
      if (!keys.get(block).toString().equals(hex.substring(hex.length() - 32))) {
        throw new AssertionError(label + ", block " + block + ": key " + keys.get(block));
      }
    }
  }

  private static ExtraKeys extras(String text) {
    ExtraKeys extras = ExtraKeys.NONE;
    for (String item : text.equals("-") ? new String[0] : text.split(" ")) {
      String value = item.substring(item.indexOf('=') + 1);
      extras =
          switch (item.substring(0, item.indexOf('='))) {
            case "lora" -> extras.withLora(value);
            case "embeds" -> extras.withPromptEmbeds(HexFormat.of().parseHex(value));
            case "mm" -> {
              int at = value.lastIndexOf('@');
              yield extras.withMultimodal(
                  value.substring(0, at), Integer.parseInt(value.substring(at + 1)));
            }
            default -> throw new IllegalArgumentException(item);
          };
    }
    return extras;
  }

  @Override
  public String toString() {
    return label;
  }
}
