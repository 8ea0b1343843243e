package org.kvcache.offload.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.kvcache.HeadCalibration;
import org.kvcache.KvShape;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.PagePoolContext;

/** Two layers of three KV heads, each calibrated in its own way where the scheme takes that. */
final class SampleModel {

  static final KvShape SHAPE = KvShape.of(2, 3, 64, 6);
  static final float LOGIT_SCALE = 0.125f;

  final int pageTokens;
  final List<BlockCodec> codecs = new ArrayList<>();

  SampleModel(String scheme, int pageTokens) {
    this.pageTokens = pageTokens;
    var random = new Random(5);
    boolean calibrated = CodecCatalog.scheme(scheme).calibrated();
    for (int i = 0; i < SHAPE.layers() * SHAPE.kvHeads(); i++) {
      HeadCalibration head =
          calibrated ? calibration(random) : HeadCalibration.identity(SHAPE.headDim());
      codecs.add(CodecCatalog.bind(scheme, SHAPE.headDim(), pageTokens, head));
    }
  }

  private static HeadCalibration calibration(Random random) {
    int dim = SHAPE.headDim();
    float[] mean = gaussian(random, dim);
    float[] scale = new float[dim];
    float[] signs = new float[dim];
    for (int c = 0; c < dim; c++) {
      scale[c] = 0.25f + random.nextFloat() * 2;
      signs[c] = random.nextBoolean() ? 1 : -1;
    }
    return new HeadCalibration(mean, scale, signs, 0.7f);
  }

  static float[] gaussian(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  BlockCodec codec(int layer, int kvHead) {
    return codecs.get(layer * SHAPE.kvHeads() + kvHead);
  }

  long pageBytes() {
    return codecs.getFirst().layout().bytes();
  }

  long slotBytes() {
    return codecs.size() * pageBytes();
  }

  PagePoolContext context(long bytes, String options) {
    return new PagePoolContext(
        SHAPE, this::codec, pageTokens, new DecodingBackend(), LOGIT_SCALE, bytes, options);
  }

  HostPool pool(int slots) {
    return new HostPool(context(slots * slotBytes(), ""), Link.FREE, LinkClock.SYSTEM);
  }
}
