package org.kvcache.quant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kvcache.spi.FormatOptions;

/**
 * A fenced block {@code golden} of {@code FORMATS.md}, which says how it is written.
 *
 * @param line where the block begins in the file
 * @param repeat how often rows, codes and values are repeated
 * @param rows the rows once
 * @param codes the codes of these rows
 * @param scales the whole plane of scales
 * @param values what these rows decode to
 */
record GoldenBlock(
    int line,
    String format,
    FormatOptions options,
    int repeat,
    float[] rows,
    byte[] codes,
    byte[] scales,
    float[] values) {

  private static final Pattern BLOCK =
      Pattern.compile("^```golden\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern FIELD = Pattern.compile("([a-z-]+):(.*)");
  private static final String CONTINUED = "    ";
  private static final Pattern PATCH = Pattern.compile("(\\d+)(?:\\.\\.(\\d+))?=(\\S+)");

  static List<GoldenBlock> read(Path file) throws IOException {
    String text = Files.readString(file);
    List<GoldenBlock> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      long line = text.substring(0, block.start()).lines().count() + 1;
      blocks.add(of((int) line, fields(block.group(1))));
    }
    return blocks;
  }

  private static Map<String, List<String>> fields(String text) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    List<String> field = new ArrayList<>();
    for (String line : text.lines().toList()) {
      Matcher start = FIELD.matcher(line);
      if (start.matches()) {
        field = new ArrayList<>();
        fields.put(start.group(1), field);
        if (!start.group(2).isBlank()) {
          field.add(start.group(2).strip());
        }
      } else if (line.startsWith(CONTINUED)) {
        field.set(field.size() - 1, field.getLast() + " " + line.strip());
      } else {
        field.add(line.strip());
      }
    }
    return fields;
  }

  private static GoldenBlock of(int line, Map<String, List<String>> fields) {
    int headDim = Integer.parseInt(one(fields, "head-dim", ""));
    float tensorScale = Float.parseFloat(one(fields, "tensor-scale", "1"));
    List<Float> rows = new ArrayList<>();
    fields.get("rows").forEach(row -> addRow(row, headDim, rows));
    List<Float> values = new ArrayList<>();
    fields.get("values").forEach(row -> addRow(row, headDim, values));
    return new GoldenBlock(
        line,
        one(fields, "format", ""),
        new FormatOptions(headDim, one(fields, "rule", ""), tensorScale),
        Integer.parseInt(one(fields, "repeat", "1")),
        array(rows),
        HexFormat.of().parseHex(String.join("", words(fields, "codes"))),
        HexFormat.of().parseHex(String.join("", words(fields, "scales"))),
        array(values));
  }

  private static String one(Map<String, List<String>> fields, String name, String otherwise) {
    return fields.getOrDefault(name, List.of(otherwise)).getFirst();
  }

  private static List<String> words(Map<String, List<String>> fields, String name) {
    return fields.getOrDefault(name, List.of()).stream()
        .flatMap(line -> Pattern.compile(" +").splitAsStream(line))
        .toList();
  }

  private static void addRow(String text, int headDim, List<Float> rows) {
    String[] parts = text.split(";");
    String[] base = parts[0].strip().split(" +");
    float[] row = new float[headDim];
    for (int i = 0; i < headDim; i++) {
      row[i] =
          base[0].equals("ramp")
              ? (i * 37 % 64 - 31.5f) / 8 * Float.parseFloat(base[1])
              : number(base[1 + i % (base.length - 1)]);
    }
    for (int part = 1; part < parts.length; part++) {
      Matcher patch = PATCH.matcher(parts[part].strip());
      if (!patch.matches()) {
        throw new IllegalArgumentException("not a patch: " + parts[part]);
      }
      int from = Integer.parseInt(patch.group(1));
      int to = patch.group(2) == null ? from : Integer.parseInt(patch.group(2));
      for (int i = from; i <= to; i++) {
        row[i] = number(patch.group(3));
      }
    }
    for (float x : row) {
      rows.add(x);
    }
  }

  private static float number(String text) {
    return Float.parseFloat(text);
  }

  private static float[] array(List<Float> numbers) {
    float[] array = new float[numbers.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = numbers.get(i);
    }
    return array;
  }

  /** Rows in the plane, repeats counted. */
  int count() {
    return repeat * rows.length / options.headDim();
  }

  @Override
  public String toString() {
    String rule = options.rule().isEmpty() ? "" : ":" + options.rule();
    return "%s%s, head dim %d, line %d".formatted(format, rule, options.headDim(), line);
  }
}
