package org.kvcache.bench.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceArray;
import org.kvcache.kernels.device.DeviceAttention;
import org.kvcache.kernels.device.DeviceStream;
import org.kvcache.kernels.device.Element;
import org.kvcache.kernels.device.FreshRows;
import org.kvcache.kernels.device.QueryRows;

/** Checks the store and attention kernels of a device in one case. */
final class DeviceCheck {

  /** Of attention whose operands have eleven bits of mantissa or eight, and sums in binary32. */
  static final double LIMIT = 2e-3;

  /** Of decoding on sm_90a, whose queries have eight significant bits; all others have eleven. */
  private static final double SHORT_QUERIES_LIMIT = 6e-3;

  private final Device device;
  private final String scheme;
  private final int dim;
  private final CheckCase shape;
  private final double limit;

  DeviceCheck(Device device, String scheme, int dim, CheckCase shape) {
    this.device = device;
    this.scheme = scheme;
    this.dim = dim;
    this.shape = shape;
    boolean shortQueries = sm90(device) && shape.decodes() && !scheme.equals("bf16");
    limit = shortQueries ? SHORT_QUERIES_LIMIT : LIMIT;
  }

  private static boolean sm90(Device device) {
    return device.name().equals("emu-sm90") || device.description().contains("sm_90");
  }

  List<CheckResult> run(long seed) {
    var random = new Random(seed);
    var results = new ArrayList<CheckResult>();
    try (var scene = new DeviceScene(device, scheme, dim, shape, random)) {
      results.add(result("store", (double) scene.wrongBytes, 0));
      results.addAll(attend(scene, random));
    }
    return results;
  }

  private List<CheckResult> attend(DeviceScene scene, Random random) {
    int kvHeads = DeviceScene.KV_HEADS;
    int heads = kvHeads * shape.group();
    int rows = shape.sequences() * shape.queryTokens() * heads;
    Element element = shape.element();
    float[] q = DeviceArrays.round(DeviceScene.gaussian(random, rows * dim), element);
    FreshRows fresh = fresh(scene, random);
    DeviceArray out = scene.arrays.poisoned(Element.F32, (long) rows * dim);
    DeviceArray lse = scene.arrays.poisoned(Element.F32, rows);
    DeviceArray again = scene.arrays.poisoned(Element.F32, (long) rows * dim);
    var queries = new QueryRows(scene.arrays.floats(q, element), shape.queryTokens());
    float scale = (float) (1 / Math.sqrt(dim));
    DeviceStream stream = device.defaultStream();
    boolean checked = device.name().startsWith("emu-"); // which repeats every launch itself
    try (var attention = new DeviceAttention(scene.kv)) {
      attention.attend(
          scene.layer, queries, scene.table, fresh, shape.window(), scale, out, lse, stream);
      if (!checked) {
        attention.attend(
            scene.layer, queries, scene.table, fresh, shape.window(), scale, again, null, stream);
      }
    }
    float[] result = scene.arrays.floats(out);
    float[] logs = scene.arrays.floats(lse);
    boolean repeated = checked || Arrays.equals(result, scene.arrays.floats(again));
    double worst = repeated ? 0 : Double.NaN; // which Math.max keeps
    double worstLog = 0;
    for (int row = 0; row < rows; row++) {
      int head = row % heads / shape.group();
      int queryToken = row / heads % shape.queryTokens();
      int sequence = row / heads / shape.queryTokens();
      int length = shape.lengths().get(sequence);
      var exact =
          ReferenceAttention.of(
              scene.keys.get(sequence * kvHeads + head),
              scene.values.get(sequence * kvHeads + head),
              length + shape.freshTokens(),
              q,
              row * dim,
              dim,
              scale,
              scene.calibration.of(scene.layer, head).mean(),
              token -> shape.sees(queryToken, token, length));
      worst = Math.max(worst, exact.error(result, row * dim));
      // An error of a logarithm is a relative one of what it is of.
      worstLog = Math.max(worstLog, exact.lse == logs[row] ? 0 : Math.abs(exact.lse - logs[row]));
    }
    String kernel = shape.decodes() ? "decode" : "block";
    return List.of(result(kernel, worst, limit), result(kernel + " lse", worstLog, 10 * limit));
  }

  private @Nullable FreshRows fresh(DeviceScene scene, Random random) {
    int tokens = shape.freshTokens();
    if (tokens == 0) {
      return null;
    }
    int kvHeads = DeviceScene.KV_HEADS;
    int count = shape.sequences() * tokens * kvHeads * dim;
    float[] keys = DeviceArrays.round(DeviceScene.gaussian(random, count), shape.element());
    float[] values = DeviceArrays.round(DeviceScene.gaussian(random, count), shape.element());
    if (scheme.equals("bf16")) {
      // Kernels round fresh rows as they would be when stored.
      DeviceArrays.round(keys, Element.BF16);
      DeviceArrays.round(values, Element.BF16);
    }
    for (int row = 0; row < count / dim; row++) {
      int head = row % kvHeads;
      int sequence = row / kvHeads / tokens;
      int to = (shape.lengths().get(sequence) + row / kvHeads % tokens) * dim;
      System.arraycopy(keys, row * dim, scene.keys.get(sequence * kvHeads + head), to, dim);
      System.arraycopy(values, row * dim, scene.values.get(sequence * kvHeads + head), to, dim);
    }
    return FreshRows.of(
        scene.arrays.floats(keys, shape.element()),
        scene.arrays.floats(values, shape.element()),
        tokens,
        shape.mask());
  }

  private CheckResult result(String kernel, double error, double allowed) {
    return new CheckResult(kernel, scheme, error, allowed, "head dim " + dim + ", " + shape);
  }
}
