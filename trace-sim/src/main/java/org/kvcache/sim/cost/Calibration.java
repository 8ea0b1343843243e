package org.kvcache.sim.cost;

import java.util.ArrayList;
import java.util.List;

/**
 * The cost model fitted to measured passes of one model on one machine.
 *
 * @param device the machine with the fitted factors
 * @param factors all factors
 * @param points all points, those that were fitted first
 */
public record Calibration(Hardware device, List<FittedFactor> factors, List<Prediction> points) {

  /** Copies the lists. */
  public Calibration {
    factors = List.copyOf(factors);
    points = List.copyOf(points);
  }

  /**
   * Fits.
   *
   * @param gpus GPUs that share each layer, at least 1
   * @throws IllegalArgumentException if the model does not fit on them, or the points are too few
   *     or all alike; one sentence for the user
   */
  public static Calibration of(ModelShape model, Hardware preset, int gpus, PassSplit split) {
    var before = new PassModel(model, preset, gpus);
    checkMemory(model, preset, gpus);
    checkPoints(split);
    List<FittedFactor> factors =
        FactorChoice.choose(new EfficiencyFit(model, preset, gpus, split.fitted()), preset);
    Hardware device =
        Factor.applied(preset, factors.stream().mapToDouble(FittedFactor::after).toArray());
    var after = new PassModel(model, device, gpus);
    var points = new ArrayList<Prediction>();
    split.fitted().forEach(pass -> points.add(prediction(pass, before, after, false)));
    split.heldBack().forEach(pass -> points.add(prediction(pass, before, after, true)));
    return new Calibration(device, factors, points);
  }

  private static Prediction prediction(
      MeasuredPass pass, PassModel before, PassModel after, boolean heldBack) {
    return new Prediction(
        pass, pass.shape().seconds(before), pass.shape().seconds(after), heldBack);
  }

  private static void checkMemory(ModelShape model, Hardware preset, int gpus) {
    double memory = gpus * preset.gpu().memory();
    if (model.weightBytes() > memory) {
      throw new IllegalArgumentException(
          "the weights of %s take %.1f GB and %d of %s have %.1f GB, so the points are not from there; name the model, the device or more GPUs"
              .formatted(
                  model.name(), model.weightBytes() / 1e9, gpus, preset.name(), memory / 1e9));
    }
  }

  private static void checkPoints(PassSplit split) {
    int factors = Factor.values().length;
    int fitted = split.fitted().size();
    int all = fitted + split.heldBack().size();
    if (all <= factors) {
      throw new IllegalArgumentException(
          "the file has %d measured passes, and %d factors need at least %d; measure more shapes"
              .formatted(all, factors, factors + 1));
    }
    if (split.shapes() == 1) {
      throw new IllegalArgumentException(
          "all %d measured passes are of one shape, which tells no factor from another; vary batch, new_tokens and context"
              .formatted(all));
    }
    if (fitted <= factors) {
      throw new IllegalArgumentException(
          "%d of %d measured passes are held back, and %d factors need at least %d of the others; hold back less or measure more"
              .formatted(split.heldBack().size(), all, factors, factors + 1));
    }
  }
}
