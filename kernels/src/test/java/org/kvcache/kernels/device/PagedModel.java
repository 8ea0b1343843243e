package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.kvcache.HeadCalibration;
import org.kvcache.KvShape;
import org.kvcache.kernels.cpu.Head;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.PagePoolContext;
import org.kvcache.spi.PageStream;

/** A model whose heads are calibrated each in its own way, and the rows of its pages. */
final class PagedModel {

  final KvShape shape;
  final int pageTokens;
  final float logitScale;
  private final List<BlockCodec> codecs = new ArrayList<>();
  private final float[][][][] rows; // [layer and KV head][slot][K, V]

  PagedModel(String scheme, KvShape shape, int pageTokens, int slots, long seed) {
    this.shape = shape;
    this.pageTokens = pageTokens;
    logitScale = (float) (1 / Math.sqrt(shape.headDim()));
    var random = new Random(seed);
    boolean calibrated = CodecCatalog.scheme(scheme).calibrated() && seed % 2 == 0;
    for (int i = 0; i < shape.layers() * shape.kvHeads(); i++) {
      HeadCalibration head =
          calibrated
              ? calibration(random, shape.headDim())
              : HeadCalibration.identity(shape.headDim());
      codecs.add(CodecCatalog.bind(scheme, shape.headDim(), pageTokens, head));
    }
    rows = new float[codecs.size()][slots][2][];
  }

  private static HeadCalibration calibration(Random random, int dim) {
    float[] mean = Head.gaussian(random, dim);
    float[] scale = new float[dim];
    float[] signs = new float[dim];
    for (int c = 0; c < dim; c++) {
      scale[c] = 0.5f + random.nextFloat();
      signs[c] = random.nextBoolean() ? 1 : -1;
    }
    return new HeadCalibration(mean, scale, signs, 0.7f);
  }

  long slotBytes() {
    return codecs.size() * codecs.getFirst().layout().bytes();
  }

  PagePoolContext context(long bytes) {
    return new PagePoolContext(
        shape, this::codec, pageTokens, AttentionBackend.named("scalar"), logitScale, bytes, "");
  }

  private BlockCodec codec(int layer, int kvHead) {
    return codecs.get(layer * shape.kvHeads() + kvHead);
  }

  /** Fills the slots of a layer, in some order and in two uploads, without waiting. */
  void fill(PageStream stream, int layer, Random random) {
    int slots = rows[0].length;
    List<int[]> pages = new ArrayList<>();
    for (int i = 0; i < shape.kvHeads() * slots; i++) {
      pages.add(new int[] {i % shape.kvHeads(), i / shape.kvHeads()});
    }
    Collections.shuffle(pages, random);
    int half = pages.size() / 2;
    upload(stream, layer, pages.subList(0, half), random);
    upload(stream, layer, pages.subList(half, pages.size()), random);
  }

  private void upload(PageStream stream, int layer, List<int[]> pages, Random random) {
    long pageBytes = codecs.getFirst().layout().bytes();
    MemorySegment staging = stream.staging(pages.size());
    int[] heads = new int[pages.size()];
    int[] slots = new int[pages.size()];
    for (int i = 0; i < heads.length; i++) {
      heads[i] = pages.get(i)[0];
      slots[i] = pages.get(i)[1];
      rows[layer * shape.kvHeads() + heads[i]][slots[i]] =
          encode(codec(layer, heads[i]), staging, i * pageBytes, random);
    }
    stream.upload(layer, heads, slots, heads.length);
  }

  private static float[][] encode(BlockCodec codec, MemorySegment memory, long at, Random random) {
    int tokens = codec.layout().blockTokens();
    float[] keys = Head.gaussian(random, tokens * codec.layout().headDim());
    float[] values = Head.gaussian(random, keys.length);
    var writer = codec.newWriter();
    writer.keys(keys, 0, tokens, memory, at, 0);
    writer.values(values, 0, tokens, memory, at, 0);
    BlockReader reader = codec.newReader(1);
    reader.keys(memory, at, 0, tokens, keys, 0);
    reader.values(memory, at, 0, tokens, values, 0);
    return new float[][] {keys, values};
  }

  /** What a query of one head gets, in double precision. */
  double[] exact(
      int layer,
      int kvHead,
      int[] slots,
      int count,
      float[] freshKeys,
      float[] freshValues,
      int freshRows,
      float[] q,
      int qOffset) {
    int dim = shape.headDim();
    double[] out = new double[dim];
    double sum = 0;
    for (int page = 0; page < count; page++) {
      float[][] of = rows[layer * shape.kvHeads() + kvHead][slots[page]];
      for (int token = 0; token < pageTokens; token++) {
        sum += add(of[0], of[1], token * dim, q, qOffset, out);
      }
    }
    for (int row = 0; row < freshRows; row++) {
      int at = row * shape.kvDim() + kvHead * dim;
      sum += add(freshKeys, freshValues, at, q, qOffset, out);
    }
    for (int d = 0; d < dim; d++) {
      out[d] /= sum;
    }
    return out;
  }

  private double add(float[] keys, float[] values, int at, float[] q, int qOffset, double[] out) {
    double logit = 0;
    for (int d = 0; d < out.length; d++) {
      logit += (double) q[qOffset + d] * keys[at + d];
    }
    double weight = Math.exp(logit * logitScale);
    for (int d = 0; d < out.length; d++) {
      out[d] += weight * values[at + d];
    }
    return weight;
  }
}
