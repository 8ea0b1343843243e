package org.kvcache.sim.cost;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Measured passes to fit to, and others that tell how well the fit foretells. All passes of a shape
 * are on the same side.
 *
 * @param fitted in the order of the file
 * @param heldBack in the order of the file
 */
public record PassSplit(List<MeasuredPass> fitted, List<MeasuredPass> heldBack) {
  private static final Comparator<MeasuredPass.Shape> ORDER =
      Comparator.comparing(MeasuredPass.Shape::phase)
          .thenComparingInt(MeasuredPass.Shape::newTokens)
          .thenComparingInt(MeasuredPass.Shape::batch)
          .thenComparingInt(MeasuredPass.Shape::context);

  /** Copies the lists. */
  public PassSplit {
    fitted = List.copyOf(fitted);
    heldBack = List.copyOf(heldBack);
  }

  /**
   * Holds back a share of the shapes, spread over all of them: the shapes stand in order, and one
   * of each run of neighbours is drawn.
   *
   * @param share at least 0 and below 1; above 0, at least one shape is held back
   */
  public static PassSplit of(List<MeasuredPass> passes, double share, long seed) {
    List<MeasuredPass.Shape> shapes =
        passes.stream().map(MeasuredPass::shape).distinct().sorted(ORDER).toList();
    long count = share == 0 ? 0 : Math.max(1, Math.round(share * shapes.size()));
    var random = new SplittableRandom(seed);
    Set<MeasuredPass.Shape> held = new HashSet<>();
    for (long i = 0; i < count; i++) {
      int from = (int) (i * shapes.size() / count);
      int to = (int) ((i + 1) * shapes.size() / count);
      held.add(shapes.get(random.nextInt(from, to)));
    }
    Map<Boolean, List<MeasuredPass>> sides =
        passes.stream().collect(Collectors.partitioningBy(pass -> held.contains(pass.shape())));
    return new PassSplit(sides.getOrDefault(false, List.of()), sides.getOrDefault(true, List.of()));
  }

  /** Shapes of both sides. */
  public long shapes() {
    return shapes(fitted) + shapes(heldBack);
  }

  private static long shapes(List<MeasuredPass> passes) {
    return passes.stream().map(MeasuredPass::shape).distinct().count();
  }
}
