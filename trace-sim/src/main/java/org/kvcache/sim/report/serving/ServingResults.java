package org.kvcache.sim.report.serving;

import java.util.List;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.serving.ServingSummary;

/**
 * What one command gave: configurations side by side on one trace.
 *
 * @param version kvcache's version
 * @param command the command line without the program's name
 * @param load how requests arrived, for people
 * @param confidence of the intervals over seeds
 * @param trace what was served
 * @param configs in the order in which they are shown, at least one
 */
public record ServingResults(
    String version,
    List<String> command,
    String load,
    double confidence,
    TraceInfo trace,
    List<ConfigResults> configs) {

  /** Copies the lists. */
  public ServingResults {
    command = List.copyOf(command);
    configs = List.copyOf(configs);
  }

  /**
   * The runs of one configuration.
   *
   * @param label what tells it from the others
   * @param runs one for each seed, in the same order everywhere
   */
  public record ConfigResults(String label, List<ServingSummary> runs) {
    /** Copies the list. */
    public ConfigResults {
      runs = List.copyOf(runs);
    }

    double[] values(ServingFigure figure) {
      return runs.stream().mapToDouble(figure::of).toArray();
    }
  }

  int seeds() {
    return configs.getFirst().runs().size();
  }
}
