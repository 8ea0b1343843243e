package org.kvcache.bench.quality;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.TensorCodec;
import picocli.CommandLine.Option;

/** The options that say how rows are coded. */
final class FormatArguments {

  /** The rule of formats whose codes mean nothing without the scale of the whole tensor. */
  static final String TENSOR_RULE = "tensor";

  private static final float LARGEST_E4M3 = 448;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "NAME",
      description = "A format of 'kvcache formats', as NAME or NAME:RULE.")
  private String format = "";

  @Option(
      names = "--rule",
      paramLabel = "NAME",
      description = "How scales are chosen. Default: the format's first rule.")
  private @Nullable String rule;

  @Option(
      names = "--head-dim",
      required = true,
      paramLabel = "D",
      description = "Elements of a row.")
  private int headDim;

  @Option(
      names = "--tensor-scale",
      paramLabel = "X",
      description = "What all elements are divided by when they are encoded.")
  private @Nullable Float tensorScale;

  /** Called by picocli. */
  FormatArguments() {}

  int headDim() {
    return headDim;
  }

  /** The format with its rule, if it has rules, as the user would name it. */
  String name() {
    return rule().isEmpty() ? spec().name() : spec().name() + ":" + rule();
  }

  /** True if the format needs a tensor scale and none is given. */
  boolean lacksTensorScale() {
    return tensorScale == null && rule().equals(TENSOR_RULE);
  }

  /** The codec with the tensor scale given, or 1. */
  TensorCodec codec() {
    return codec(tensorScale == null ? 1 : tensorScale);
  }

  /** The codec with another tensor scale. */
  TensorCodec codec(float otherScale) {
    String given = givenRule();
    return spec().codec(new FormatOptions(headDim, given, otherScale));
  }

  /** The tensor scale that makes the largest magnitude the largest of E4M3. */
  static float tensorScale(float largest) {
    float scale = largest / LARGEST_E4M3;
    return scale > 0 ? scale : 1;
  }

  private FormatSpec spec() {
    int colon = format.indexOf(':');
    return CodecCatalog.format(colon < 0 ? format : format.substring(0, colon));
  }

  private String rule() {
    List<String> rules = spec().rules();
    return givenRule().isEmpty() && !rules.isEmpty() ? rules.getFirst() : givenRule();
  }

  private String givenRule() {
    int colon = format.indexOf(':');
    String inFormat = colon < 0 ? "" : format.substring(colon + 1);
    if (rule != null && !inFormat.isEmpty() && !rule.equals(inFormat)) {
      throw new IllegalArgumentException(
          "--format asks for rule '%s' and --rule for '%s'; leave one out"
              .formatted(inFormat, rule));
    }
    return rule == null ? inFormat : rule;
  }
}
