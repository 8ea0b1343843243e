package org.kvcache.bench.kernels;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.kvcache.AttentionWindow;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceArray;
import org.kvcache.kernels.device.DeviceScorer;
import org.kvcache.kernels.device.DeviceStream;
import org.kvcache.kernels.device.Element;
import org.kvcache.kernels.device.Mask;
import org.kvcache.kernels.device.QueryRows;

/** Checks score, mass and top-k of a device for one scheme and head dim. */
final class ScoringCheck {

  static final CheckCase SHAPE =
      new CheckCase(
          32, 3, 4, 0, Mask.ALL_FRESH, AttentionWindow.ALL, Element.BF16, List.of(600, 0, 45));

  private static final int MOST_PICKED = 7;

  private final Device device;
  private final String scheme;
  private final int dim;
  private final CheckCase shape;

  /** The shape says nothing but how many sequences, tokens and rows there are, and of what. */
  ScoringCheck(Device device, String scheme, int dim, CheckCase shape) {
    this.device = device;
    this.scheme = scheme;
    this.dim = dim;
    this.shape = shape;
  }

  List<CheckResult> run(long seed) {
    var random = new Random(seed);
    try (var scene = new DeviceScene(device, scheme, dim, shape, random);
        var scorer = new DeviceScorer(scene.kv)) {
      return check(scene, scorer, random);
    }
  }

  private List<CheckResult> check(DeviceScene scene, DeviceScorer scorer, Random random) {
    int rows = shape.queryTokens() * shape.group();
    int lists = shape.sequences() * DeviceScene.KV_HEADS;
    float[] q = DeviceScene.gaussian(random, lists * rows * dim);
    var queries =
        new QueryRows(
            scene.arrays.floats(DeviceArrays.round(q, shape.element()), shape.element()),
            shape.queryTokens());
    DeviceStream stream = device.defaultStream();
    float scale = (float) (1 / Math.sqrt(dim));
    scorer.score(scene.layer, queries, scene.table, scale, stream);

    int pageTokens = 16;
    int pages = Math.ceilDiv(shape.longest(), pageTokens) + 2;
    DeviceArray mass = scene.arrays.poisoned(Element.F32, (long) lists * pages);
    scorer.mass(pageTokens, pages, mass, pages, stream);
    int[] counts =
        IntStream.range(0, lists)
            .map(list -> Math.ceilDiv(shape.lengths().get(list / DeviceScene.KV_HEADS), pageTokens))
            .toArray();
    int k = Math.min(pages, MOST_PICKED);
    DeviceArray indices = scene.arrays.poisoned(Element.I32, (long) lists * k);
    scorer.topK(mass, lists, pages, scene.arrays.ints(counts), pages, k, indices, stream);

    float[] massOf = scene.arrays.floats(mass);
    int[] picked = scene.arrays.ints(indices);
    double worst = 0;
    double wrong = 0;
    for (int list = 0; list < lists; list++) {
      double[] exact = exactMass(scene, list, q, scale, pageTokens, pages);
      for (int page = 0; page < pages; page++) {
        worst = Math.max(worst, Math.abs(exact[page] - massOf[list * pages + page]));
      }
      wrong += topKErrors(massOf, list * pages, counts[list], picked, list * k, k);
    }
    var where = "head dim " + dim + ", " + shape;
    return List.of(
        new CheckResult("score, mass", scheme, worst, DeviceCheck.LIMIT, where),
        new CheckResult("top-k", "-", wrong, 0, where));
  }

  private double[] exactMass(
      DeviceScene scene, int list, float[] q, float scale, int pageTokens, int pages) {
    int kvHeads = DeviceScene.KV_HEADS;
    int heads = kvHeads * shape.group();
    int sequence = list / kvHeads;
    int length = shape.lengths().get(sequence);
    int rows = shape.queryTokens() * shape.group();
    float[] keys = scene.keys.get(list);
    double[] mass = new double[pages];
    double[] weights = new double[length];
    for (int row = 0; row < rows; row++) {
      int token = sequence * shape.queryTokens() + row / shape.group();
      int from = (token * heads + list % kvHeads * shape.group() + row % shape.group()) * dim;
      double max = Double.NEGATIVE_INFINITY;
      for (int t = 0; t < length; t++) {
        weights[t] = 0;
        for (int d = 0; d < dim; d++) {
          weights[t] += (double) q[from + d] * keys[t * dim + d] * scale;
        }
        max = Math.max(max, weights[t]);
      }
      double sum = 0;
      for (int t = 0; t < length; t++) {
        weights[t] = Math.exp(weights[t] - max);
        sum += weights[t];
      }
      for (int t = 0; t < length; t++) {
        mass[t / pageTokens] += weights[t] / sum / rows;
      }
    }
    return mass;
  }

  /** Indices that are not the greatest of the device's own values, ties to the lower one. */
  private static int topKErrors(float[] values, int from, int count, int[] picked, int at, int k) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    order.sort(
        Comparator.comparingDouble((Integer i) -> -values[from + i])
            .thenComparingInt(Integer::intValue));
    List<Integer> best = order.stream().limit(k).sorted().toList();
    int wrong = 0;
    for (int i = 0; i < k; i++) {
      wrong += picked[at + i] == (i < best.size() ? best.get(i) : -1) ? 0 : 1;
    }
    return wrong;
  }
}
