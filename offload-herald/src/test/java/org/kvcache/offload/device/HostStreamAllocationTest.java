package org.kvcache.offload.device;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageStream;

class HostStreamAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long PATIENCE = Duration.ofSeconds(60).toNanos();
  private static final int TIMES = 200;

  @ParameterizedTest
  @ValueSource(ints = {1, 16})
  void transfersAndAttentionAllocateNothing(int pageTokens) {
    var shape = SampleModel.SHAPE;
    var model = new SampleModel("f32", pageTokens);
    var fresh = new FreshKv(shape, 16, 3, 4);
    float[] q = SampleModel.gaussian(new Random(2), 2 * shape.queryDim());
    float[] out = new float[q.length];
    int[][] slots = {{0, 1}, {2}, {3}};
    int[] counts = {2, 1, 1};
    int[] heads = {0, 1, 2};
    int[] places = {1, 2, 3};
    try (HostPool pool = model.pool(4);
        PageStream stream = pool.newStream()) {
      long deadline = System.nanoTime() + PATIENCE;
      long allocated;
      do {
        long own = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TIMES; i++) {
          stream.staging(3);
          stream.upload(1, heads, places, 3);
          stream.attend(1, slots, counts, fresh, 7, 2, q, 0, out, 0);
          stream.finish();
        }
        allocated = THREADS.getCurrentThreadAllocatedBytes() - own;
      } while (allocated != 0 && System.nanoTime() < deadline);
      assertThat(allocated).isZero();
    }
  }
}
