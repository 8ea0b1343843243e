package org.kvcache.bench.quality;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;

/**
 * One scheme on one sample: all whole blocks of {@value #BLOCK_TOKENS} tokens are encoded, and
 * attention reads them by their codes. Tokens beyond the last whole block stay as they are, as in
 * the open block of a sequence.
 */
final class SchemeTrial {

  /** Tokens of a block; a multiple of every format's row group. */
  static final int BLOCK_TOKENS = 128;

  private static final int QUERIES_AT_ONCE = 8;
  private static final int ALIGNMENT = 64;

  private final KvSample sample;
  private final ExactAttention exact;
  private final BlockCodec codec;
  private final HeadCalibration calibration;
  private final int blocks;
  private final long blockBytes;

  SchemeTrial(
      KvSample sample, ExactAttention exact, SchemeSpec scheme, HeadCalibration calibration) {
    this.sample = sample;
    this.exact = exact;
    this.calibration = calibration;
    codec = CodecCatalog.bind(scheme, sample.headDim(), BLOCK_TOKENS, calibration);
    blocks = sample.tokens() / BLOCK_TOKENS;
    blockBytes = codec.layout().bytes();
  }

  Quality run() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(blocks * blockBytes, ALIGNMENT);
      BlockWriter writer = codec.newWriter();
      for (int block = 0; block < blocks; block++) {
        int offset = block * BLOCK_TOKENS * sample.headDim();
        writer.keys(sample.keys(), offset, BLOCK_TOKENS, memory, block * blockBytes, 0);
        writer.values(sample.values(), offset, BLOCK_TOKENS, memory, block * blockBytes, 0);
      }
      BlockReader reader = codec.newReader(QUERIES_AT_ONCE);
      var keys = new RowErrors();
      var values = new RowErrors();
      float[] rows = new float[BLOCK_TOKENS * sample.headDim()];
      for (int block = 0; block < blocks; block++) {
        reader.keys(memory, block * blockBytes, 0, BLOCK_TOKENS, rows, 0);
        keys.add(sample.keys(), block * rows.length, rows, sample.headDim());
        reader.values(memory, block * blockBytes, 0, BLOCK_TOKENS, rows, 0);
        values.add(sample.values(), block * rows.length, rows, sample.headDim());
      }
      return attend(reader, memory, keys, values);
    }
  }

  private Quality attend(
      BlockReader reader, MemorySegment memory, RowErrors keys, RowErrors values) {
    int tokens = sample.tokens();
    int queries = sample.queryCount();
    float[] logits = new float[QUERIES_AT_ONCE * tokens];
    float[] output = new float[sample.headDim()];
    double[] outputErrors = new double[queries];
    double squares = 0;
    for (int first = 0; first < queries; first += QUERIES_AT_ONCE) {
      int count = Math.min(QUERIES_AT_ONCE, queries - first);
      score(reader, memory, first, count, logits);
      for (int h = 0; h < count; h++) {
        squares += squaredLogitErrors(first + h, logits, h * tokens);
        ExactAttention.softmax(logits, h * tokens, tokens);
      }
      reader.clear();
      for (int block = 0; block < blocks; block++) {
        reader.add(
            logits, block * BLOCK_TOKENS, tokens, memory, block * blockBytes, 0, BLOCK_TOKENS);
      }
      for (int h = 0; h < count; h++) {
        reader.output(h, output, 0);
        addOpenBlock(logits, h * tokens, output);
        outputErrors[first + h] = relativeDistance(exact.output(first + h), output);
      }
    }
    return new Quality(
        Quality.median(outputErrors),
        Math.sqrt(squares / ((double) queries * tokens)),
        keys.relative(),
        values.relative(),
        keys.cosine());
  }

  private void score(
      BlockReader reader, MemorySegment memory, int first, int count, float[] logits) {
    int d = sample.headDim();
    int tokens = sample.tokens();
    for (int h = 0; h < QUERIES_AT_ONCE; h++) {
      // A last batch that is not full repeats its last query.
      reader.query(h, sample.queries(), (first + Math.min(h, count - 1)) * d);
    }
    for (int block = 0; block < blocks; block++) {
      reader.score(
          memory, block * blockBytes, 0, BLOCK_TOKENS, logits, block * BLOCK_TOKENS, tokens);
    }
    float[] mean = calibration.mean();
    double scale = 1 / Math.sqrt(d);
    for (int h = 0; h < count; h++) {
      int query = (first + h) * d;
      int at = h * tokens;
      for (int token = 0; token < blocks * BLOCK_TOKENS; token++) {
        logits[at + token] = (float) (scale * logits[at + token]);
      }
      // One softmax sees both, so the open block goes without the mean too.
      double shift = ExactAttention.dot(sample.queries(), query, mean, 0, d);
      for (int token = blocks * BLOCK_TOKENS; token < tokens; token++) {
        double dot = ExactAttention.dot(sample.queries(), query, sample.keys(), token * d, d);
        logits[at + token] = (float) (scale * (dot - shift));
      }
    }
  }

  private double squaredLogitErrors(int query, float[] logits, int offset) {
    int tokens = sample.tokens();
    float[] errors = new float[tokens];
    for (int token = 0; token < tokens; token++) {
      errors[token] = logits[offset + token] - exact.logits()[query * tokens + token];
    }
    return ExactAttention.squaresAboutMean(errors, 0, tokens);
  }

  private void addOpenBlock(float[] weights, int offset, float[] output) {
    for (int token = blocks * BLOCK_TOKENS; token < sample.tokens(); token++) {
      ExactAttention.addRow(
          output, weights[offset + token], sample.values(), token * sample.headDim());
    }
  }

  private static double relativeDistance(float[] exact, float[] output) {
    var error = new RowErrors();
    error.add(exact, 0, output, output.length);
    return Math.sqrt(error.relative());
  }
}
