package org.kvcache.sim.report;

import java.util.List;
import java.util.Optional;
import org.kvcache.sim.RunResult;

/** Charts, tables and the JSON document in one page that needs nothing from elsewhere. */
final class HtmlReport {
  private HtmlReport() {}

  static String page(Results results, List<TraceResults> traces) {
    RunHeader header = results.header();
    var page =
        new HtmlPage(
            "Hit rate over capacity",
            header.version(),
            "seed " + header.settings().seed(),
            header.arguments());
    for (TraceResults trace : traces) {
      page.trace(trace.trace()).chart(List.of(new HitRateChart(trace))).markup(table(trace));
    }
    return page.withData(JsonReport.document(results));
  }

  private static String table(TraceResults trace) {
    var page = new StringBuilder();
    List<Integer> capacities = trace.capacities();
    page.append("<table>\n<caption>Block hit rate, %</caption>\n<tr><th>policy</th>");
    for (int capacity : capacities) {
      page.append("<th>").append(Numbers.count(capacity)).append("<br>");
      page.append(Numbers.share(trace.trace().share(capacity))).append("</th>");
    }
    page.append("</tr>\n");
    for (String policy : trace.rankedPolicies()) {
      page.append("<tr><th>").append(HtmlPage.escaped(policy)).append("</th>");
      for (int capacity : capacities) {
        Optional<RunResult> result = trace.at(policy, capacity);
        boolean best = result.isPresent() && trace.isBest(result.get());
        page.append(best ? "<td class=\"best\">" : "<td>");
        page.append(result.map(r -> Numbers.percent(r.blockHitRate())).orElse("-"));
        page.append("</td>");
      }
      page.append("</tr>\n");
    }
    return page.append("</table>\n").toString();
  }
}
