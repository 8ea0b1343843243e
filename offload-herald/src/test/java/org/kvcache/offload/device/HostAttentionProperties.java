package org.kvcache.offload.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.kvcache.KvShape;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageStream;

class HostAttentionProperties {

  private static final KvShape SHAPE = SampleModel.SHAPE;
  private static final int DIM = SHAPE.headDim();
  private static final int SLOTS = 9;

  record Setting(
      String scheme, int pageTokens, int lead, int tokens, int unseen, int queries, long seed) {}

  @Provide
  Arbitrary<Setting> settings() {
    return Combinators.combine(
            Arbitraries.of("f32", "mxfp4", "lm16"),
            Arbitraries.of(1, 16),
            Arbitraries.integers().between(0, 15),
            Arbitraries.integers().between(1, 33),
            Arbitraries.of(0, 0, 1, 7),
            Arbitraries.integers().between(1, 5),
            Arbitraries.longs().between(0, 1L << 40))
        .as(Setting::new);
  }

  @Property(tries = 150, seed = "6")
  void attentionIsDenseAttentionOverTheRowsOfThePagesAndTheFreshOnes(
      @ForAll("settings") Setting setting) {
    var random = new Random(setting.seed);
    var model = new SampleModel(setting.scheme, setting.pageTokens);
    var fresh = new FreshKv(SHAPE, 16, setting.lead, setting.tokens);
    int freshRows = Math.max(1, fresh.rows() - setting.unseen);
    try (HostPool pool = model.pool(SLOTS);
        PageStream stream = pool.newStream()) {
      for (int layer = 0; layer < SHAPE.layers(); layer++) {
        var rows = new HeadRows[SHAPE.kvHeads()][SLOTS];
        fill(model, stream, layer, rows, random);
        fill(fresh, layer, random);
        int[][] slots = new int[SHAPE.kvHeads()][SLOTS + 1];
        int[] counts = new int[SHAPE.kvHeads()];
        for (int head = 0; head < SHAPE.kvHeads(); head++) {
          counts[head] = random.nextInt(4) == 0 ? 0 : random.nextInt(SLOTS + 1);
          int[] some = random.ints(0, SLOTS).distinct().limit(counts[head]).toArray();
          System.arraycopy(some, 0, slots[head], 0, some.length);
        }
        float[] q = SampleModel.gaussian(random, 3 + setting.queries * SHAPE.queryDim());
        float[] out = new float[q.length + 2];
        stream.attend(layer, slots, counts, fresh, freshRows, setting.queries, q, 3, out, 5);
        for (int head = 0; head < SHAPE.queryHeads(); head++) {
          int kvHead = head / SHAPE.groupSize();
          List<float[][]> seen = new ArrayList<>();
          for (int i = 0; i < counts[kvHead]; i++) {
            seen.addAll(rows[kvHead][slots[kvHead][i]].rows);
          }
          for (int row = 0; row < freshRows; row++) {
            seen.add(freshRow(fresh, layer, kvHead, row));
          }
          for (int token = 0; token < setting.queries; token++) {
            int at = token * SHAPE.queryDim() + head * DIM;
            assertClose(exact(seen, q, 3 + at), out, 5 + at);
          }
        }
      }
    }
  }

  /** K and V of the tokens of one page, as they come back from the codec. */
  record HeadRows(List<float[][]> rows) {}

  private static void fill(
      SampleModel model, PageStream stream, int layer, HeadRows[][] rows, Random random) {
    int pages = SHAPE.kvHeads() * SLOTS;
    int[] heads = new int[pages];
    int[] slots = new int[pages];
    MemorySegment staging = stream.staging(pages);
    for (int page = 0; page < pages; page++) {
      heads[page] = page % SHAPE.kvHeads();
      slots[page] = page / SHAPE.kvHeads();
      rows[heads[page]][slots[page]] =
          encode(model.codec(layer, heads[page]), staging, page * model.pageBytes(), random);
    }
    stream.upload(layer, heads, slots, pages);
    assertThat(stream.finish()).isTrue();
  }

  private static HeadRows encode(BlockCodec codec, MemorySegment memory, long at, Random random) {
    int tokens = codec.layout().blockTokens();
    float[] keys = SampleModel.gaussian(random, tokens * DIM);
    float[] values = SampleModel.gaussian(random, tokens * DIM);
    var writer = codec.newWriter();
    writer.keys(keys, 0, tokens, memory, at, 0);
    writer.values(values, 0, tokens, memory, at, 0);
    BlockReader reader = codec.newReader(1);
    var rows = new ArrayList<float[][]>();
    for (int token = 0; token < tokens; token++) {
      float[][] row = new float[2][DIM];
      reader.keys(memory, at, token, 1, row[0], 0);
      reader.values(memory, at, token, 1, row[1], 0);
      rows.add(row);
    }
    return new HeadRows(rows);
  }

  private static void fill(FreshKv fresh, int layer, Random random) {
    float[] keys = SampleModel.gaussian(random, fresh.rows() * SHAPE.kvDim());
    float[] values = SampleModel.gaussian(random, fresh.rows() * SHAPE.kvDim());
    fresh.put(layer, 0, fresh.rows(), keys, 0, values, 0);
  }

  private static float[][] freshRow(FreshKv fresh, int layer, int kvHead, int row) {
    float[] keys = new float[SHAPE.kvDim()];
    float[] values = new float[SHAPE.kvDim()];
    fresh.get(layer, row, keys, values);
    float[][] of = new float[2][DIM];
    System.arraycopy(keys, kvHead * DIM, of[0], 0, DIM);
    System.arraycopy(values, kvHead * DIM, of[1], 0, DIM);
    return of;
  }

  private static double[] exact(List<float[][]> rows, float[] q, int qOffset) {
    double[] weights = new double[rows.size()];
    double sum = 0;
    for (int t = 0; t < weights.length; t++) {
      double logit = 0;
      for (int d = 0; d < DIM; d++) {
        logit += (double) q[qOffset + d] * rows.get(t)[0][d];
      }
      weights[t] = Math.exp(logit * SampleModel.LOGIT_SCALE);
      sum += weights[t];
    }
    double[] out = new double[DIM];
    for (int t = 0; t < weights.length; t++) {
      for (int d = 0; d < DIM; d++) {
        out[d] += weights[t] / sum * rows.get(t)[1][d];
      }
    }
    return out;
  }

  private static void assertClose(double[] exact, float[] out, int offset) {
    double worst = 0;
    for (int d = 0; d < exact.length; d++) {
      worst = Math.max(worst, Math.abs(exact[d] - out[offset + d]));
    }
    assertThat(worst).isLessThan(1e-5);
  }
}
