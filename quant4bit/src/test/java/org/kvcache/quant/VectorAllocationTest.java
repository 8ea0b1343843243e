package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

@Tag("vector")
class VectorAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long PATIENCE = Duration.ofSeconds(60).toNanos();
  private static final int DIM = 128;
  private static final int ROWS = 500;
  private static final int HEADS = 2;

  @ParameterizedTest
  @EnumSource
  void compiledCodecsAllocateNothing(Unpacked format) {
    TensorCodec codec = format.codec(DIM, new VectorKernels());
    MemorySegment memory =
        Arena.ofAuto().allocate(codec.codeBytes(ROWS) + codec.scaleBytes(ROWS), 4);
    long scales = codec.codeBytes(ROWS);
    float[] rows = Rows.GAUSSIAN.of(ROWS * DIM, 1);
    KeyScorer scorer = codec.newScorer(HEADS);
    ValueSum sum = codec.newSum(HEADS);
    float[] logits = new float[HEADS * ROWS];
    assertSoonAllocatesNothing(() -> codec.encode(rows, 0, ROWS, memory, 0, scales));
    assertSoonAllocatesNothing(() -> codec.decode(memory, 0, scales, ROWS, rows, 0));
    assertSoonAllocatesNothing(() -> {
      scorer.query(0, rows, 0);
      scorer.score(memory, 0, scales, ROWS, logits, 0, ROWS);
    });
    assertSoonAllocatesNothing(() -> {
      sum.clear();
      sum.add(logits, 0, ROWS, memory, 0, scales, ROWS);
      sum.get(1, rows, 0);
    });
  }

  @Test
  void compiledTransformsAllocateNothing() {
    for (int dim = Hadamard.MIN_DIM; dim <= Hadamard.MAX_DIM; dim *= 2) {
      int size = dim;
      float[] x = new float[size];
      assertSoonAllocatesNothing(() -> {
        for (int i = 0; i < ROWS; i++) {
          VectorHadamard.INSTANCE.transform(x, 0, size);
        }
      });
    }
  }

  private static void assertSoonAllocatesNothing(Runnable work) {
    long deadline = System.nanoTime() + PATIENCE;
    long allocated;
    do {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      work.run();
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    } while (allocated != 0 && System.nanoTime() < deadline);
    assertThat(allocated).isZero();
  }
}
