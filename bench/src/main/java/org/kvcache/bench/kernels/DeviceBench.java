package org.kvcache.bench.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.kvcache.AttentionWindow;
import org.kvcache.Calibration;
import org.kvcache.KvShape;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceArray;
import org.kvcache.kernels.device.DeviceAttention;
import org.kvcache.kernels.device.DeviceCopier;
import org.kvcache.kernels.device.DeviceEvent;
import org.kvcache.kernels.device.DeviceKv;
import org.kvcache.kernels.device.DeviceMemory;
import org.kvcache.kernels.device.DeviceStore;
import org.kvcache.kernels.device.DeviceStream;
import org.kvcache.kernels.device.Element;
import org.kvcache.kernels.device.PageRange;
import org.kvcache.kernels.device.PageTable;
import org.kvcache.kernels.device.QueryRows;

/**
 * Times decode attention on a GPU by events: 16 sequences of 8,192 tokens, 8 KV heads of 128, four
 * query heads each. Launches take turns between layers, so that none finds its blocks in a cache.
 */
final class DeviceBench {

  private static final List<String> SCHEMES = List.of("bf16", "fp8", "mxfp4", "k8v4", "lm16");
  private static final KvShape SHAPE = KvShape.of(3, 8, 128, 32);
  private static final int SEQUENCES = 16;
  private static final int TOKENS = 8192;
  private static final int BLOCK_TOKENS = 64;
  private static final int STORED_AT_ONCE = 4096;
  private static final int CALLS = 60;
  private static final int WARM_UP = 10;
  private static final long COPY_PAGE = 1 << 20;
  private static final int COPY_PAGES = 512;

  private DeviceBench() {}

  static List<BenchLine> run(KernelTarget target) {
    try (Device device = target.open(1);
        DeviceStream stream = device.newStream()) {
      var measured = new ArrayList<Timing.Measured>();
      for (String scheme : SCHEMES) {
        measured.add(measure(device, stream, scheme));
        device.trim();
      }
      return Timing.lines(target.label(), measured, "bf16", copyGigabytes(device, stream));
    }
  }

  private static Timing.Measured measure(Device device, DeviceStream stream, String scheme) {
    int blocks = TOKENS / BLOCK_TOKENS;
    var random = new Random(1);
    Calibration calibration =
        Calibration.identity(SHAPE.layers(), SHAPE.kvHeads(), SHAPE.headDim());
    try (DeviceKv kv =
            DeviceKv.allocate(
                device, SHAPE, scheme, calibration, BLOCK_TOKENS, SEQUENCES * blocks);
        var attention = new DeviceAttention(kv);
        var arrays = new DeviceArrays(device)) {
      fill(kv, arrays, random, stream);
      int[] lengths = new int[SEQUENCES];
      Arrays.fill(lengths, TOKENS);
      var table =
          PageTable.of(
              arrays.ints(DeviceScene.shuffled(SEQUENCES * blocks, random)),
              arrays.ints(lengths),
              SEQUENCES,
              TOKENS,
              blocks);
      int elements = SEQUENCES * SHAPE.queryDim();
      var queries =
          new QueryRows(arrays.floats(DeviceScene.gaussian(random, elements), Element.BF16), 1);
      DeviceArray out = arrays.poisoned(Element.F32, elements);
      float scale = (float) (1 / Math.sqrt(SHAPE.headDim()));
      double micros =
          time(
              device,
              stream,
              call ->
                  attention.attend(
                      call % SHAPE.layers(),
                      queries,
                      table,
                      null,
                      AttentionWindow.ALL,
                      scale,
                      out,
                      null,
                      stream));
      return new Timing.Measured(scheme, kv.memory().bytes() / SHAPE.layers(), micros);
    }
  }

  private static void fill(DeviceKv kv, DeviceArrays arrays, Random random, DeviceStream stream) {
    float[] rows = DeviceScene.gaussian(random, STORED_AT_ONCE * SHAPE.kvDim());
    DeviceArray keys = arrays.floats(rows, Element.BF16);
    DeviceArray values = arrays.floats(DeviceScene.gaussian(random, rows.length), Element.BF16);
    var store = new DeviceStore(kv);
    for (int first = 0; first < SEQUENCES * TOKENS; first += STORED_AT_ONCE) {
      DeviceArray places = arrays.longs(LongStream.range(first, first + STORED_AT_ONCE).toArray());
      for (int layer = 0; layer < SHAPE.layers(); layer++) {
        store.store(layer, keys, values, places, STORED_AT_ONCE, stream);
      }
    }
    stream.synchronize();
  }

  private static double copyGigabytes(Device device, DeviceStream stream) {
    try (DeviceMemory from = device.allocate(COPY_PAGES * COPY_PAGE);
        DeviceMemory to = device.allocate(COPY_PAGES * COPY_PAGE);
        var arrays = new DeviceArrays(device)) {
      device.fill(from, 0, from.bytes(), (byte) 1, stream);
      DeviceArray pages = arrays.ints(IntStream.range(0, COPY_PAGES).toArray());
      var source = new PageRange(device, from, null, 0, COPY_PAGE, COPY_PAGES);
      var target = new PageRange(device, to, null, 0, COPY_PAGE, COPY_PAGES);
      var copier = new DeviceCopier(device);
      double micros =
          time(device, stream, _ -> copier.copy(source, pages, target, pages, COPY_PAGES, stream));
      return 2 * from.bytes() / micros / 1e3;
    }
  }

  private interface Launch {
    void run(int call);
  }

  private static double time(Device device, DeviceStream stream, Launch launch) {
    try (DeviceEvent before = device.newEvent();
        DeviceEvent after = device.newEvent()) {
      double[] micros = new double[CALLS];
      for (int call = -WARM_UP; call < CALLS; call++) {
        before.record(stream);
        launch.run(call + WARM_UP);
        after.record(stream);
        after.synchronize();
        if (call >= 0) {
          micros[call] = after.millisSince(before) * 1e3;
        }
      }
      return Timing.median(micros);
    }
  }
}
