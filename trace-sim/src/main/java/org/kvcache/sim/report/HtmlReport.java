package org.kvcache.sim.report;

import java.util.List;
import java.util.Optional;
import org.kvcache.sim.RunResult;

/** Charts, tables and the JSON document in one page that needs nothing from elsewhere. */
final class HtmlReport {
  private static final String STYLE =
      """
      body{font:16px/1.5 sans-serif;color:#222;background:#fff;max-width:1280px;margin:2em auto;\
      padding:0 1em}
      svg{width:100%;height:auto}
      table{border-collapse:collapse;margin:1em 0;font-variant-numeric:tabular-nums}
      th,td{padding:.25em .8em;border-bottom:1px solid #ddd;text-align:right}
      th:first-child{text-align:left}
      td.best{font-weight:bold}
      caption{text-align:left;padding:.3em 0}
      """;

  private HtmlReport() {}

  static String page(Results results, List<TraceResults> traces) {
    var page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<title>kvcache: hit rate over capacity</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>Hit rate over capacity</h1>\n<p>kvcache ")
        .append(escaped(results.header().version()))
        .append(", seed ")
        .append(results.header().settings().seed())
        .append(", made by <code>kvcache ")
        .append(escaped(String.join(" ", results.header().arguments())))
        .append("</code></p>\n");
    for (int i = 0; i < traces.size(); i++) {
      append(page, traces.get(i), i);
    }
    // "<" never needs to stand in JSON; as an escape it cannot end the script element.
    page.append("<script type=\"application/json\" id=\"results\">\n")
        .append(JsonReport.document(results).replace("<", "\\u003c"))
        .append("</script>\n</body>\n</html>\n");
    return page.toString();
  }

  private static void append(StringBuilder page, TraceResults trace, int index) {
    TraceInfo info = trace.trace();
    page.append("<h2>").append(escaped(info.name())).append("</h2>\n<p>digest <code>");
    page.append(info.digest()).append("</code>, ");
    page.append(Numbers.count(info.requests())).append(" requests, ");
    page.append(Numbers.count(info.blockRefs())).append(" block references, ");
    page.append(Numbers.count(info.uniqueBlocks())).append(" unique blocks of ");
    page.append(info.blockTokens()).append(" tokens, an infinite cache hits ");
    page.append(Numbers.percent(info.infiniteHitRate())).append(" %</p>\n");
    var image = new ChartImage(List.of(new HitRateChart(trace)), 1, "clip-" + index + "-");
    page.append(element(image.svg()));
    appendTable(page, trace);
  }

  /** An SVG document without what only a file of its own may begin with. */
  private static String element(String svg) {
    return svg.substring(svg.indexOf("<svg")) + "\n";
  }

  private static void appendTable(StringBuilder page, TraceResults trace) {
    List<Integer> capacities = trace.capacities();
    page.append("<table>\n<caption>Block hit rate, %</caption>\n<tr><th>policy</th>");
    for (int capacity : capacities) {
      page.append("<th>").append(Numbers.count(capacity)).append("<br>");
      page.append(Numbers.share(trace.trace().share(capacity))).append("</th>");
    }
    page.append("</tr>\n");
    for (String policy : trace.rankedPolicies()) {
      page.append("<tr><th>").append(escaped(policy)).append("</th>");
      for (int capacity : capacities) {
        Optional<RunResult> result = trace.at(policy, capacity);
        boolean best = result.isPresent() && trace.isBest(result.get());
        page.append(best ? "<td class=\"best\">" : "<td>");
        page.append(result.map(r -> Numbers.percent(r.blockHitRate())).orElse("-"));
        page.append("</td>");
      }
      page.append("</tr>\n");
    }
    page.append("</table>\n");
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
