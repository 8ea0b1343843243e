package org.kvcache.offload.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.Retrieval;

@Tag("allocation")
class SparseAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long PATIENCE = Duration.ofSeconds(60).toNanos();
  private static final int STEPS = 100;

  /** {@code exact-step} chooses in every step, {@code exact} in the first only. */
  @ParameterizedTest
  @ValueSource(strings = {"exact", "exact-step"})
  void denoisingStepsAllocateNothing(String retriever) {
    KvShape shape = NeedleEngine.SHAPE;
    var retrieval =
        Retrieval.builder().retriever(retriever).minTokens(64).budget(0.1).deviceBytes(8 << 20);
    var config =
        KvCacheConfig.builder()
            .shape(shape)
            .memory(64 << 20)
            .scheme("f32")
            .backend("decoding")
            .retrieval(retrieval.threads(1).build());
    try (KvCache cache = KvCache.open(config.build());
        KvSequence sequence = new NeedleEngine(3, 4, 0.05).begin(cache, 400);
        DenoisingBlock block = sequence.beginBlock(4)) {
      float[] rows = new float[4 * shape.kvDim()];
      float[] q = new float[4 * shape.queryDim()];
      float[] out = new float[q.length];
      for (int i = 0; i < q.length; i++) {
        q[i] = i % 13 - 6;
      }
      long deadline = System.nanoTime() + PATIENCE;
      long allocated;
      do {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int step = 0; step < STEPS; step++) {
          for (int layer = 0; layer < shape.layers(); layer++) {
            block.write(layer, rows, 0, rows, 0);
            block.attend(layer, q, 0, out, 0);
          }
        }
        allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      } while (allocated != 0 && System.nanoTime() < deadline);
      assertThat(allocated).isZero();
    }
  }
}
