package org.kvcache.sim.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.cost.Calibration;
import org.kvcache.sim.cost.FitErrors;
import org.kvcache.sim.cost.MeasuredPass.Phase;
import org.kvcache.sim.cost.Prediction;

/**
 * The errors of some points of a calibration.
 *
 * @param heldBack whether they are those that the fit has not seen
 * @param phase what they do, or all
 * @param errors how far the predictions are off
 */
record ErrorGroup(boolean heldBack, String phase, FitErrors errors) {
  static final String ALL = "all";

  /** Fitted and held-back points, all and by phase; groups without points are left out. */
  static List<ErrorGroup> of(Calibration calibration) {
    var groups = new ArrayList<ErrorGroup>();
    for (boolean heldBack : new boolean[] {false, true}) {
      add(groups, calibration, heldBack, null);
      for (Phase phase : Phase.values()) {
        add(groups, calibration, heldBack, phase);
      }
    }
    return groups;
  }

  private static void add(
      List<ErrorGroup> groups, Calibration calibration, boolean heldBack, @Nullable Phase phase) {
    List<Prediction> points =
        calibration.points().stream()
            .filter(point -> point.heldBack() == heldBack)
            .filter(point -> phase == null || point.pass().shape().phase() == phase)
            .toList();
    if (!points.isEmpty()) {
      groups.add(new ErrorGroup(heldBack, phase == null ? ALL : name(phase), FitErrors.of(points)));
    }
  }

  /** As files of measured passes write it. */
  static String name(Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }
}
