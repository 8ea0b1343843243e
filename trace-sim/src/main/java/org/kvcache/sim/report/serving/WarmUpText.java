package org.kvcache.sim.report.serving;

import java.util.ArrayList;
import java.util.List;
import org.kvcache.sim.report.Numbers;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.serving.Windows;

/** What was left out as warm-up, in one sentence for each configuration. */
final class WarmUpText {
  private WarmUpText() {}

  /** One line if all configurations have the same to say. */
  static List<String> lines(ServingResults results) {
    List<ConfigResults> configs = results.configs();
    List<String> sentences = configs.stream().map(WarmUpText::sentence).toList();
    if (sentences.stream().distinct().count() == 1) {
      return List.of(sentences.getFirst());
    }
    var lines = new ArrayList<String>();
    for (int i = 0; i < configs.size(); i++) {
      lines.add(configs.get(i).label() + ": " + sentences.get(i));
    }
    return lines;
  }

  private static String sentence(ConfigResults config) {
    List<ServingSummary> settled = config.runs().stream().filter(ServingSummary::settled).toList();
    int runs = config.runs().size();
    int lost = runs - settled.size();
    if (lost == runs) {
      return "not settled: no steady state found, the queue may be growing; all requests count";
    }
    String sentence = leftOut(settled);
    return lost == 0
        ? sentence
        : "%s; not settled with %d of %d seeds, all their requests count"
            .formatted(sentence, lost, runs);
  }

  private static String leftOut(List<ServingSummary> runs) {
    int least = runs.stream().mapToInt(ServingSummary::firstWindow).min().orElseThrow();
    int most = runs.stream().mapToInt(ServingSummary::firstWindow).max().orElseThrow();
    Windows windows = runs.getFirst().run().windows();
    if (most == 0) {
      return "warm-up: none found; all requests count";
    }
    return "warm-up: the first %s of %d windows (%s requests) are left out"
        .formatted(
            range(least, most), windows.count(), range(windows.first(least), windows.first(most)));
  }

  private static String range(int least, int most) {
    return least == most
        ? Numbers.count(least)
        : Numbers.count(least) + " to " + Numbers.count(most);
  }
}
