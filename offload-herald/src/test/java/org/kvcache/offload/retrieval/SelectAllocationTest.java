package org.kvcache.offload.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.Retrieval;
import org.kvcache.spi.BlockRetriever;

@Tag("allocation")
class SelectAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long PATIENCE = Duration.ofSeconds(60).toNanos();
  private static final int TIMES = 20;

  @ParameterizedTest
  @CsvSource({
    "exact, f32, false",
    "exact, mxfp4, true",
    "herald, lm16, false",
    "herald, bf16, true",
    "herald-diverse, mxfp4, false",
    "herald-mean, mxfp4, false",
    "herald-adaptive, lm16, false",
    "quest, f32, false",
    "window, f32, false"
  })
  void compiledSelectionAllocatesNothing(String retriever, String scheme, boolean byToken) {
    Prefix prefix = new Prefix(scheme, 64, 70, 1);
    float[] q = Prefix.gaussian(new Random(2), 16 * 4 * 64);
    int[] chosen = new int[40];
    var settings = Retrieval.builder().scoredKeys(scheme.equals("bf16") ? "mxfp4" : "").build();
    var selector = BlockRetriever.named(retriever).selector(prefix.context(4, byToken, settings));
    selector.add(prefix, 0, prefix.blocks);
    long deadline = System.nanoTime() + PATIENCE;
    long allocated;
    do {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < TIMES; i++) {
        selector.select(prefix, prefix.tokens(), q, 0, 4 * 64, 16, 40, chosen);
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    } while (allocated != 0 && System.nanoTime() < deadline);
    assertThat(allocated).isZero();
  }
}
