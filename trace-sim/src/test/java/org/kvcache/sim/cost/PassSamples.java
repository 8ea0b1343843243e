package org.kvcache.sim.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.kvcache.sim.cost.MeasuredPass.Phase;
import org.kvcache.sim.cost.MeasuredPass.Shape;

/** Passes "measured" on a machine that is the cost model itself, with noise where asked for. */
final class PassSamples {
  static final ModelShape MODEL = Presets.models(null).named(List.of("llama3-8b")).getFirst();
  static final Hardware H100 = Presets.devices(null).named(List.of("h100")).getFirst();

  private PassSamples() {}

  static Hardware with(double gemm, double bandwidth, double attention, double layerSeconds) {
    return Factor.applied(H100, new double[] {gemm, bandwidth, attention, layerSeconds});
  }

  static List<Shape> prefill() {
    var shapes = new ArrayList<Shape>();
    for (int newTokens : new int[] {128, 512, 2048, 8192, 32768}) {
      for (int context : new int[] {0, 16384, 65536}) {
        shapes.add(new Shape(Phase.PREFILL, 1, newTokens, context));
        shapes.add(new Shape(Phase.PREFILL, 4, newTokens, context));
      }
    }
    return shapes;
  }

  static List<Shape> decode(int... batches) {
    var shapes = new ArrayList<Shape>();
    for (int batch : batches) {
      for (int context : new int[] {0, 1024, 4096, 16384, 65536}) {
        shapes.add(new Shape(Phase.DECODE, batch, 1, context));
      }
    }
    return shapes;
  }

  static List<Shape> both() {
    var shapes = new ArrayList<>(prefill());
    shapes.addAll(decode(1, 4, 16, 64));
    return shapes;
  }

  static List<MeasuredPass> measured(Hardware truth, List<Shape> shapes) {
    return measured(truth, shapes, 0, 0);
  }

  /** Log-normal noise of that standard deviation. */
  static List<MeasuredPass> measured(Hardware truth, List<Shape> shapes, double noise, long seed) {
    var model = new PassModel(MODEL, truth, 1);
    var random = new Random(seed);
    var passes = new ArrayList<MeasuredPass>();
    for (Shape shape : shapes) {
      double factor = Math.exp(noise * random.nextGaussian());
      passes.add(new MeasuredPass(passes.size() + 2, shape, shape.seconds(model) * factor));
    }
    return passes;
  }
}
