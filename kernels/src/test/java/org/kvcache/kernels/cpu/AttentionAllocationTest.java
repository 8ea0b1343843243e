package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.AttentionWindow;
import org.kvcache.spi.AttentionBackend;

@Tag("allocation")
class AttentionAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long PATIENCE = Duration.ofSeconds(60).toNanos();
  private static final int HEADS = 4;
  private static final int TIMES = 20;

  @ParameterizedTest
  @CsvSource({
    "native, mxfp4, 128",
    "native, lm16, 64",
    "native, k8v4, 256",
    "native, f32, 128",
    "vector, mxfp4, 128",
    "vector, lm16, 64",
    "vector, k8v4, 256",
    "vector, fp8, 128",
    "vector, bf16, 128",
    "vector, f32, 128"
  })
  void compiledAttentionAllocatesNothing(String backend, String scheme, int dim) {
    assumeTrue(backend.equals("vector") || NativeLibrary.missing() == null);
    Head head = new Head(scheme, dim, 16, 1_000, 8, 1);
    float[] q = Head.gaussian(new Random(2), HEADS * dim);
    float[] out = new float[q.length];
    var kernel = AttentionBackend.named(backend).kernel(head.codec, head.blockTokens, HEADS);
    var window = new AttentionWindow(4, 700);
    long deadline = System.nanoTime() + PATIENCE;
    long allocated;
    do {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < TIMES; i++) {
        kernel.attend(head, head.length, window, 0.1f, q, 0, out, 0);
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    } while (allocated != 0 && System.nanoTime() < deadline);
    assertThat(allocated).isZero();
  }
}
