package org.kvcache.bench.kernels;

import java.util.Arrays;
import java.util.Random;
import org.kvcache.AttentionWindow;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;

/** Checks an attention backend over blocks in host memory in one case. */
final class HostCheck {

  /** Of binary32 throughout. */
  static final double LIMIT = 1e-4;

  /** Where queries are rounded to FP8. */
  static final double FP8_QUERIES_LIMIT = 0.1;

  private HostCheck() {}

  static CheckResult run(
      AttentionBackend backend,
      double limit,
      String scheme,
      int dim,
      int group,
      int length,
      int staged,
      AttentionWindow window,
      long seed) {
    var random = new Random(seed);
    int blockTokens = scheme.equals("kivi4") ? 128 : 32;
    BlockCodec codec = CodecCatalog.bind(scheme, dim, blockTokens, HeadCalibration.identity(dim));
    float[] q = DeviceScene.gaussian(random, group * dim);
    float[] out = new float[q.length];
    Arrays.fill(out, Float.NaN);
    float scale = (float) (1 / Math.sqrt(dim));
    double worst = 0;
    try (var scene = new HostScene(codec, length, staged, random)) {
      backend.kernel(codec, blockTokens, group).attend(scene, length, window, scale, q, 0, out, 0);
      for (int head = 0; head < group; head++) {
        var exact =
            ReferenceAttention.of(
                scene.keys,
                scene.values,
                length,
                q,
                head * dim,
                dim,
                scale,
                new float[dim],
                token -> token < window.sinks() || token >= (long) length - window.window());
        worst = Math.max(worst, exact.error(out, head * dim));
      }
    }
    String where =
        "head dim %d, %d query heads, %d tokens, %d staged, %s"
            .formatted(dim, group, length, staged, window);
    return new CheckResult("attend", scheme, worst, limit, where);
  }
}
