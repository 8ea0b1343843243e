package org.kvcache.sim.cli;

import java.nio.file.Path;
import java.util.Locale;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.PassSplit;
import org.kvcache.sim.report.Numbers;

/**
 * What a calibration is of.
 *
 * @param model the model that was measured, with the bits of its cache
 * @param device the preset of the device
 * @param gpus devices that share each layer
 * @param file the measured passes
 * @param split which of them are held back
 * @param seed of the split
 */
record CalibrationSetting(
    ModelShape model, Hardware device, int gpus, Path file, PassSplit split, long seed) {

  /** The model and the device in a line. */
  String machine() {
    return "%s on %s%s, keys and values in %s bits"
        .formatted(
            model.name(),
            gpus == 1 ? "" : gpus + " x ",
            device.name(),
            String.format(Locale.ROOT, "%.4g", model.kvBits()));
  }

  /** The points in a line. */
  String points() {
    return "%s points of %s shapes in %s, %s of them held back (seed %d)"
        .formatted(
            Numbers.count(split.fitted().size() + split.heldBack().size()),
            Numbers.count(split.shapes()),
            file,
            Numbers.count(split.heldBack().size()),
            seed);
  }
}
