package org.kvcache.quant;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.CodecCatalog;

/** A block of normal keys and values, not at the start of its memory. */
final class Block {

  static final int AT = 48;

  final BlockCodec codec;
  final HeadCalibration calibration;
  final int dim;
  final int rows;
  final float[] keys;
  final float[] values;
  final MemorySegment memory;
  final BlockWriter writer;

  Block(String scheme, int dim, int rows, HeadCalibration calibration, long seed) {
    this.codec = codec(scheme, dim, rows, calibration);
    this.calibration = calibration;
    this.dim = dim;
    this.rows = rows;
    memory = Arena.ofAuto().allocate(AT + codec.layout().bytes());
    writer = codec.newWriter();
    keys = Rows.GAUSSIAN.of(rows * dim, seed + 1);
    values = Rows.GAUSSIAN.of(rows * dim, seed + 2);
    for (int i = 0; i < keys.length; i++) {
      int channel = i % dim;
      keys[i] = calibration.mean()[channel] + keys[i] * calibration.scale()[channel];
      values[i] *= calibration.valueScale();
    }
  }

  static BlockCodec codec(String scheme, int dim, int rows, HeadCalibration calibration) {
    return new Codecs().blockCodec(CodecCatalog.scheme(scheme), dim, rows, calibration);
  }

  static HeadCalibration calibration(int dim, long seed) {
    Random random = new Random(seed);
    float[] mean = new float[dim];
    float[] scale = new float[dim];
    float[] signs = new float[dim];
    for (int i = 0; i < dim; i++) {
      mean[i] = 3 * (float) random.nextGaussian();
      scale[i] = 0.5f + 2 * random.nextFloat();
      signs[i] = random.nextBoolean() ? 1 : -1;
    }
    return new HeadCalibration(mean, scale, signs, 0.5f);
  }

  /** The calibration of this name's scheme, or none if it takes none. */
  static HeadCalibration calibrationFor(String scheme, int dim, long seed) {
    return CodecCatalog.scheme(scheme).calibrated()
        ? calibration(dim, seed)
        : HeadCalibration.identity(dim);
  }

  Block write() {
    return write(rows);
  }

  /** So many rows at a time. */
  Block write(int step) {
    for (int row = 0; row < rows; row += step) {
      int count = Math.min(step, rows - row);
      writer.keys(keys, row * dim, count, memory, AT, row);
      writer.values(values, row * dim, count, memory, AT, row);
    }
    return this;
  }

  float[] readKeys() {
    float[] read = new float[rows * dim];
    codec.newReader(1).keys(memory, AT, 0, rows, read, 0);
    return read;
  }

  float[] readValues() {
    float[] read = new float[rows * dim];
    codec.newReader(1).values(memory, AT, 0, rows, read, 0);
    return read;
  }

  float[] score(float[] q) {
    float[] logits = new float[rows];
    BlockReader reader = codec.newReader(1);
    reader.query(0, q, 0);
    reader.score(memory, AT, 0, rows, logits, 0, rows);
    return logits;
  }

  float[] output(float[] weights) {
    float[] out = new float[dim];
    BlockReader reader = codec.newReader(1);
    reader.clear();
    reader.add(weights, 0, rows, memory, AT, 0, rows);
    reader.output(0, out, 0);
    return out;
  }

  byte[] bytes() {
    return memory.toArray(ValueLayout.JAVA_BYTE);
  }
}
