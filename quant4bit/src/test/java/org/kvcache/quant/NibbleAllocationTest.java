package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

@Tag("allocation")
class NibbleAllocationTest {

  @BeforeAll
  static void onlyWithVectorsThatC2CompilesWell() {
    assumeTrue(VectorKernels.FLOATS.vectorBitSize() == 512);
  }

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long PATIENCE = Duration.ofSeconds(20).toNanos();
  private static final int ROWS = 512;
  private static final int HEADS = 2;

  @ParameterizedTest
  @CsvSource({"MXFP4, 64", "MXFP4, 128", "MXFP4, 256", "LM16, 64", "LM16, 128", "LM16, 256"})
  void compiledCodecsAllocateNothing(Nibble format, int dim) {
    TensorCodec codec = format.codec(dim, new VectorKernels());
    MemorySegment memory = Arena.ofAuto().allocate(codec.codeBytes(ROWS) + codec.scaleBytes(ROWS));
    long scales = codec.codeBytes(ROWS);
    float[] rows = Rows.GAUSSIAN.of(ROWS * dim, 1);
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
      sum.scale(0, 0.5f);
      sum.get(1, rows, 0);
    });
  }

  @ParameterizedTest
  @CsvSource({"mxfp4, 64", "mxfp4, 128", "mxfp4, 256", "lm16, 64", "lm16, 128", "lm16, 256"})
  void compiledSchemesAllocateNothing(String scheme, int dim) {
    HeadCalibration calibration = Block.calibration(dim, 1);
    BlockCodec codec = new Codecs().blockCodec(CodecCatalog.scheme(scheme), dim, ROWS, calibration);
    MemorySegment memory = Arena.ofAuto().allocate(codec.layout().bytes());
    BlockWriter writer = codec.newWriter();
    BlockReader reader = codec.newReader(HEADS);
    float[] rows = Rows.GAUSSIAN.of(ROWS * dim, 1);
    float[] logits = new float[HEADS * ROWS];
    assertSoonAllocatesNothing(() -> {
      writer.keys(rows, 0, ROWS, memory, 0, 0);
      writer.values(rows, 0, ROWS, memory, 0, 0);
    });
    assertSoonAllocatesNothing(() -> {
      reader.query(0, rows, 0);
      reader.score(memory, 0, 0, ROWS, logits, 0, ROWS);
      reader.clear();
      reader.rescale(1, 0.5f);
      reader.add(logits, 0, ROWS, memory, 0, 0, ROWS);
      reader.output(1, rows, 0);
    });
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
