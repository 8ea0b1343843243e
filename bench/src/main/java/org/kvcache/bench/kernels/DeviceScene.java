package org.kvcache.bench.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.kvcache.Calibration;
import org.kvcache.HeadCalibration;
import org.kvcache.KvShape;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceArray;
import org.kvcache.kernels.device.DeviceKv;
import org.kvcache.kernels.device.DeviceStore;
import org.kvcache.kernels.device.PageTable;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;

/**
 * Random K and V of some sequences, stored on a device in shuffled slots of its last layer, between
 * slots full of NaN, and read back: what is decoded is what attention must see.
 */
final class DeviceScene implements AutoCloseable {

  static final int KV_HEADS = 2;

  private static final int LAYERS = 2;

  final CheckCase shape;
  final int dim;
  final int layer = LAYERS - 1;
  final DeviceArrays arrays;
  final DeviceKv kv;
  final PageTable table;
  final Calibration calibration;

  /** Decoded, and then fresh, rows of sequence {@code s} and KV head {@code h} at 2 s + h. */
  final List<float[]> keys = new ArrayList<>();

  final List<float[]> values = new ArrayList<>();

  /** Bytes on the device that are not what the CPU's encoder leaves in its place. */
  final long wrongBytes;

  DeviceScene(Device device, String scheme, int dim, CheckCase shape, Random random) {
    this.shape = shape;
    this.dim = dim;
    arrays = new DeviceArrays(device);
    boolean calibrated = CodecCatalog.scheme(scheme).calibrated() && random.nextBoolean();
    calibration =
        calibrated ? calibration(dim, random) : Calibration.identity(LAYERS, KV_HEADS, dim);
    int blockTokens = shape.blockTokens();
    int blocks = Math.max(1, Math.ceilDiv(shape.longest(), blockTokens));
    int slots = shape.sequences() * blocks + 1;
    kv =
        DeviceKv.allocate(
            device,
            KvShape.of(LAYERS, KV_HEADS, dim, KV_HEADS * shape.group()),
            scheme,
            calibration,
            blockTokens,
            slots);
    device.fill(kv.memory(), 0, kv.memory().bytes(), (byte) 0xFF, device.defaultStream());
    int[] order = shuffled(slots, random);
    int[] slotOf = Arrays.copyOf(order, shape.sequences() * blocks);
    table =
        PageTable.of(
            arrays.ints(slotOf),
            arrays.ints(shape.lengths().stream().mapToInt(Integer::intValue).toArray()),
            shape.sequences(),
            shape.longest(),
            blocks);

    int tokens = shape.lengths().stream().mapToInt(Integer::intValue).sum();
    float[] keyRows = rows(tokens, random, calibrated);
    float[] valueRows = rows(tokens, random, false);
    long[] places = new long[tokens];
    int at = 0;
    for (int s = 0; s < shape.sequences(); s++) {
      for (int t = 0; t < shape.lengths().get(s); t++) {
        int slot = slotOf[s * blocks + t / blockTokens];
        places[at++] = (long) slot * blockTokens + t % blockTokens;
      }
    }
    if (tokens > 0) {
      DeviceArray k = arrays.floats(keyRows, shape.element());
      DeviceArray v = arrays.floats(valueRows, shape.element());
      new DeviceStore(kv).store(layer, k, v, arrays.longs(places), tokens, device.defaultStream());
    }
    wrongBytes = readBack(device, scheme, slotOf, blocks, keyRows, valueRows);
  }

  private float[] rows(int tokens, Random random, boolean biased) {
    float[] rows = gaussian(random, tokens * KV_HEADS * dim);
    for (int i = 0; biased && i < rows.length; i++) {
      HeadCalibration head = calibration.of(layer, i / dim % KV_HEADS);
      rows[i] = rows[i] * head.scale()[i % dim] + head.mean()[i % dim];
    }
    return DeviceArrays.round(rows, shape.element());
  }

  private long readBack(
      Device device, String scheme, int[] slotOf, int blocks, float[] keyRows, float[] valueRows) {
    int blockTokens = shape.blockTokens();
    int first = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(kv.memory().bytes(), 16);
      device.synchronize();
      device.copy(kv.memory(), 0, all, device.defaultStream());
      device.synchronize();
      MemorySegment own = arena.allocate(all.byteSize(), 16).fill((byte) 0xFF);
      for (int s = 0; s < shape.sequences(); s++) {
        int length = shape.lengths().get(s);
        int total = length + shape.freshTokens();
        for (int h = 0; h < KV_HEADS; h++) {
          BlockCodec codec = CodecCatalog.bind(scheme, dim, blockTokens, calibration.of(layer, h));
          var reader = codec.newReader(1);
          var writer = codec.newWriter();
          float[] k = new float[total * dim];
          float[] v = new float[total * dim];
          for (int t = 0; t < length; t++) {
            long block = kv.offset(layer, slotOf[s * blocks + t / blockTokens], h);
            int row = t % blockTokens;
            reader.keys(all, block, row, 1, k, t * dim);
            reader.values(all, block, row, 1, v, t * dim);
            int from = ((first + t) * KV_HEADS + h) * dim;
            writer.keys(keyRows, from, 1, own, block, row);
            writer.values(valueRows, from, 1, own, block, row);
          }
          keys.add(k);
          values.add(v);
        }
        first += length;
      }
      return different(all, own);
    }
  }

  private static long different(MemorySegment a, MemorySegment b) {
    long different = 0;
    for (long i = 0; i < a.byteSize(); i++) {
      boolean same = a.get(ValueLayout.JAVA_BYTE, i) == b.get(ValueLayout.JAVA_BYTE, i);
      different += same ? 0 : 1;
    }
    return different;
  }

  private static Calibration calibration(int dim, Random random) {
    var heads = new ArrayList<HeadCalibration>();
    for (int i = 0; i < LAYERS * KV_HEADS; i++) {
      float[] mean = gaussian(random, dim);
      float[] scale = new float[dim];
      float[] signs = new float[dim];
      for (int c = 0; c < dim; c++) {
        mean[c] *= 2;
        scale[c] = 0.5f + 1.5f * random.nextFloat();
        signs[c] = random.nextBoolean() ? 1 : -1;
      }
      heads.add(new HeadCalibration(mean, scale, signs, 0.5f));
    }
    return new Calibration(LAYERS, KV_HEADS, heads, Calibration.Origin.NONE);
  }

  static float[] gaussian(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  static int[] shuffled(int count, Random random) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  @Override
  public void close() {
    kv.close();
    arrays.close();
  }
}
