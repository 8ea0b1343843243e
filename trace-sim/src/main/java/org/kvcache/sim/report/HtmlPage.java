package org.kvcache.sim.report;

import java.util.List;
import java.util.Locale;

/**
 * A page that needs nothing from elsewhere, from top to bottom. Text is given as it is and comes
 * out escaped. Not safe for use by several threads at once.
 */
public final class HtmlPage {
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

  private final StringBuilder page = new StringBuilder();
  private int charts;

  /**
   * A page that has its heading and says how it was made.
   *
   * @param heading also the title, after the program's name
   * @param version kvcache's version
   * @param conditions what else matters for all of it, such as a seed
   * @param arguments the command line without the program's name
   */
  public HtmlPage(String heading, String version, String conditions, List<String> arguments) {
    String lower = heading.substring(0, 1).toLowerCase(Locale.ROOT);
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
        .append("kvcache: ")
        .append(escaped(lower + heading.substring(1)))
        .append("</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>")
        .append(escaped(heading))
        .append("</h1>\n<p>kvcache ")
        .append(escaped(version + ", " + conditions))
        .append(", made by <code>kvcache ")
        .append(escaped(String.join(" ", arguments)))
        .append("</code></p>\n");
  }

  /** A section about a trace. */
  public HtmlPage trace(TraceInfo trace) {
    page.append("<h2>").append(escaped(trace.name())).append("</h2>\n<p>digest <code>");
    page.append(trace.digest()).append("</code>, ");
    page.append(Numbers.count(trace.requests())).append(" requests, ");
    page.append(Numbers.count(trace.blockRefs())).append(" block references, ");
    page.append(Numbers.count(trace.uniqueBlocks())).append(" unique blocks of ");
    page.append(trace.blockTokens()).append(" tokens, an infinite cache hits ");
    page.append(Numbers.percent(trace.infiniteHitRate())).append(" %</p>\n");
    return this;
  }

  /** Panels one below the other. */
  public HtmlPage chart(List<? extends Panel> panels) {
    var image = new ChartImage(panels, 1, "clip-" + charts++ + "-");
    String svg = Charts.drawn(image::svg);
    // Without what only a file of its own may begin with.
    page.append(svg.substring(svg.indexOf("<svg"))).append('\n');
    return this;
  }

  /** Lines in letters of one width. */
  public HtmlPage preformatted(List<String> lines) {
    page.append("<pre>").append(escaped(String.join("\n", lines))).append("</pre>\n");
    return this;
  }

  /** HTML as it is. */
  HtmlPage markup(String html) {
    page.append(html);
    return this;
  }

  /** The whole page, with a JSON document as its last element. */
  public String withData(String json) {
    // "<" never needs to stand in JSON; as an escape it cannot end the script element.
    return page
        + "<script type=\"application/json\" id=\"results\">\n"
        + json.replace("<", "\\u003c")
        + "</script>\n</body>\n</html>\n";
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
