package org.kvcache.bench.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.kvcache.AttentionWindow;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;

/** Times a CPU backend in one thread: a KV head of 128 that four query heads share. */
final class HostBench {

  private static final List<String> SCHEMES =
      List.of("f32", "bf16", "fp8", "mxfp4", "k8v4", "lm16");
  private static final int DIM = 128;
  private static final int GROUP = 4;
  private static final int TOKENS = 32_768;
  private static final int CALLS = 24;
  private static final long COPY_BYTES = 256L << 20;

  private HostBench() {}

  static List<BenchLine> run(KernelTarget target, long rotateBytes) {
    AttentionBackend backend = target.backend();
    var measured = new ArrayList<Timing.Measured>();
    for (String scheme : SCHEMES) {
      measured.add(measure(backend, scheme, rotateBytes));
    }
    return Timing.lines(target.label(), measured, "f32", copyGigabytes());
  }

  private static Timing.Measured measure(
      AttentionBackend backend, String scheme, long rotateBytes) {
    var random = new Random(1);
    BlockCodec codec = CodecCatalog.bind(scheme, DIM, 64, HeadCalibration.identity(DIM));
    long bytes = codec.layout().bytes() * (TOKENS / 64);
    var scenes = new ArrayList<HostScene>();
    try {
      for (long held = 0; held < rotateBytes; held += bytes) {
        scenes.add(new HostScene(codec, TOKENS, 0, random));
      }
      AttentionKernel kernel = backend.kernel(codec, 64, GROUP);
      float[] q = DeviceScene.gaussian(random, GROUP * DIM);
      float[] out = new float[q.length];
      float scale = (float) (1 / Math.sqrt(DIM));
      double[] micros = new double[CALLS];
      for (int i = -CALLS; i < CALLS; i++) {
        HostScene scene = scenes.get(Math.floorMod(i, scenes.size()));
        long start = System.nanoTime();
        kernel.attend(scene, TOKENS, AttentionWindow.ALL, scale, q, 0, out, 0);
        if (i >= 0) {
          micros[i] = (System.nanoTime() - start) / 1e3;
        }
      }
      return new Timing.Measured(scheme, bytes, Timing.median(micros));
    } finally {
      scenes.forEach(HostScene::close);
    }
  }

  /** Of one thread, bytes read and bytes written. */
  private static double copyGigabytes() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate(COPY_BYTES, 64);
      MemorySegment to = arena.allocate(COPY_BYTES, 64);
      double[] micros = new double[8];
      for (int i = -1; i < micros.length; i++) {
        long start = System.nanoTime();
        to.copyFrom(from);
        if (i >= 0) {
          micros[i] = (System.nanoTime() - start) / 1e3;
        }
      }
      return 2 * COPY_BYTES / Timing.median(micros) / 1e3;
    }
  }
}
