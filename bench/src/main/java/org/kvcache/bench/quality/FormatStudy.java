package org.kvcache.bench.quality;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.TensorCodec;

/** Formats on standard normal rows, as they come, without any transform or calibration. */
final class FormatStudy {
  private static final int ROWS = 1 << 14;

  private FormatStudy() {}

  /**
   * A format on normal rows.
   *
   * @param format {@code name} or {@code name:rule}
   * @param headDim elements of a row
   * @param rowGroup tokens encoded together
   * @param bits stored for one element
   * @param relativeError Σ|x' - x|² / Σ|x|²
   * @param cosine mean cosine of a row with what it reads as
   */
  record Result(
      String format, int headDim, int rowGroup, double bits, double relativeError, double cosine) {}

  /** Each format with each rule that takes such rows. */
  static List<Result> run(int headDim, long seed) {
    FormatOptions options = FormatOptions.of(headDim);
    float[] rows = new KvHead(KvDistribution.GAUSS, headDim, seed).sample(ROWS, 0, 1).keys();
    var results = new ArrayList<Result>();
    for (CodecCatalog catalog : CodecCatalog.all()) {
      for (FormatSpec format : catalog.formats()) {
        List<String> rules = format.rules().isEmpty() ? List.of("") : format.rules();
        for (String rule : rules) {
          TensorCodec codec;
          try {
            codec = format.codec(options.withRule(rule));
            if (rule.equals(FormatArguments.TENSOR_RULE)) {
              float scale = FormatArguments.tensorScale(RowFile.largest(rows, rows.length));
              codec = format.codec(options.withRule(rule).withTensorScale(scale));
            }
          } catch (IllegalArgumentException e) {
            continue; // does not take rows of this length
          }
          String name = rule.isEmpty() ? format.name() : format.name() + ":" + rule;
          results.add(measure(name, codec, rows));
        }
      }
    }
    return results;
  }

  private static Result measure(String name, TensorCodec codec, float[] rows) {
    byte[] planes = new byte[Math.toIntExact(codec.codeBytes(ROWS) + codec.scaleBytes(ROWS))];
    MemorySegment memory = MemorySegment.ofArray(planes);
    codec.encode(rows, 0, ROWS, memory, 0, codec.codeBytes(ROWS));
    float[] read = new float[rows.length];
    codec.decode(memory, 0, codec.codeBytes(ROWS), ROWS, read, 0);
    var errors = new RowErrors();
    errors.add(rows, 0, read, codec.headDim());
    return new Result(
        name,
        codec.headDim(),
        codec.rowGroup(),
        codec.bitsPerElement(),
        errors.relative(),
        errors.cosine());
  }
}
