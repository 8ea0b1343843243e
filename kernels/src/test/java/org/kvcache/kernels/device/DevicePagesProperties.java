package org.kvcache.kernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import org.kvcache.KvShape;
import org.kvcache.kernels.cpu.Head;
import org.kvcache.kernels.emu.EmulatedDevice;
import org.kvcache.kernels.emu.EmulatedTarget;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PageStream;

@AddLifecycleHook(HostBlocksProperties.NeedsEmulation.class)
class DevicePagesProperties {

  private static final double LIMIT = 2e-3;

  // Decoding on sm_90a has queries of eight significant bits, all else of eleven.
  private static final double SHORT_QUERIES_LIMIT = 6e-3;
  private static final int SLOTS = 5;

  record Setting(
      EmulatedTarget target,
      String scheme,
      KvShape shape,
      int pageTokens,
      int fresh,
      int queries,
      long seed) {

    double limit() {
      boolean shortQueries = target == EmulatedTarget.SM90 && fresh == 0 && !scheme.equals("bf16");
      return shortQueries ? SHORT_QUERIES_LIMIT : LIMIT;
    }
  }

  @Provide
  Arbitrary<Setting> settings() {
    Arbitrary<KvShape> shapes =
        Combinators.combine(
                Arbitraries.integers().between(1, 2),
                Arbitraries.integers().between(1, 3),
                Arbitraries.of(64, 128),
                Arbitraries.of(1, 2, 4))
            .as((layers, kvHeads, dim, group) -> KvShape.of(layers, kvHeads, dim, kvHeads * group));
    return Combinators.combine(
            Arbitraries.of(EmulatedTarget.class),
            Arbitraries.of("bf16", "fp8", "mxfp4", "ultraquant", "k8v4", "lm16"),
            shapes,
            Arbitraries.of(16, 32, 128),
            Arbitraries.of(0, 1, 5, 24),
            Arbitraries.of(1, 3, 16),
            Arbitraries.longs().between(0, 1L << 40))
        .as(Setting::new);
  }

  @Property(tries = 30, seed = "23")
  void aDeviceAttendsToThePagesOfEachHeadAndToFreshRows(@ForAll("settings") Setting setting) {
    KvShape shape = setting.shape;
    var random = new Random(setting.seed);
    var model = new PagedModel(setting.scheme, shape, setting.pageTokens, SLOTS, setting.seed);
    Device device = EmulatedDevice.openChecked(setting.target, (int) setting.seed);
    try (PagePool pool = DevicePages.open(device, model.context(SLOTS * model.slotBytes()));
        PageStream stream = pool.newStream()) {
      int lead = random.nextInt(16);
      var fresh = new FreshKv(shape, 16, lead, Math.max(1, setting.fresh + 2 - lead));
      for (int layer = 0; layer < shape.layers(); layer++) {
        model.fill(stream, layer, random);
        float[] keys = rows(setting, random, fresh.rows() * shape.kvDim());
        float[] values = rows(setting, random, fresh.rows() * shape.kvDim());
        fresh.put(layer, 0, fresh.rows(), keys, 0, values, 0);
        int least = setting.fresh == 0 ? 1 : 0;
        int[] counts = random.ints(shape.kvHeads(), least, SLOTS + 1).toArray();
        int[][] slots = new int[shape.kvHeads()][];
        for (int head = 0; head < slots.length; head++) {
          slots[head] = random.ints(0, SLOTS).distinct().limit(counts[head]).toArray();
        }
        float[] q = Head.gaussian(random, 1 + setting.queries * shape.queryDim());
        float[] out = new float[q.length + 1];
        stream.attend(layer, slots, counts, fresh, setting.fresh, setting.queries, q, 1, out, 2);
        for (int row = 0; row < setting.queries * shape.queryHeads(); row++) {
          int kvHead = row % shape.queryHeads() / shape.groupSize();
          int at = row * shape.headDim();
          double[] exact =
              model.exact(
                  layer,
                  kvHead,
                  slots[kvHead],
                  counts[kvHead],
                  keys,
                  values,
                  setting.fresh,
                  q,
                  1 + at);
          assertThat(error(exact, out, 2 + at)).isLessThan(setting.limit());
        }
      }
      assertThat(stream.finish()).isTrue();
    }
  }

  /** As devices see them: over a bf16 cache they are rounded to bf16. */
  private static float[] rows(Setting setting, Random random, int count) {
    float[] numbers = Head.gaussian(random, count);
    for (int i = 0; setting.scheme.equals("bf16") && i < count; i++) {
      int bits = Float.floatToRawIntBits(numbers[i]);
      numbers[i] = Float.intBitsToFloat(bits & 0xFFFF0000);
    }
    return numbers;
  }

  /** The norm of the difference over the norm of what is right; NaN is less than nothing. */
  private static double error(double[] exact, float[] out, int offset) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < exact.length; i++) {
      difference += (out[offset + i] - exact[i]) * (out[offset + i] - exact[i]);
      norm += exact[i] * exact[i];
    }
    return Math.sqrt(difference / norm);
  }
}
