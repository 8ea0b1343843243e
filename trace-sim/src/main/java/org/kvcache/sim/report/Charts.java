package org.kvcache.sim.report;

import java.util.List;

/**
 * Charts into files whose names say how: {@code .png}, {@code .svg} or, with tables and data,
 * {@code .html}.
 */
public final class Charts {
  private static final int TRACES_ABREAST = 2;

  private Charts() {}

  /** Whether hit rates can be drawn into files of this kind. */
  public static boolean draws(String kind) {
    return kind.equals("png") || kind.equals("svg") || kind.equals("html");
  }

  /**
   * Hit rate over capacity, one panel per trace.
   *
   * @throws IllegalArgumentException if it cannot be drawn or written; the message is for the user
   */
  public static void hitRates(Results results, ReportFile file) {
    List<TraceResults> traces =
        results.traces().stream().filter(trace -> !trace.results().isEmpty()).toList();
    if (file.kind().equals("html")) {
      file.write(drawn(() -> HtmlReport.page(results, traces)));
    } else {
      draw(traces.stream().map(HitRateChart::new).toList(), TRACES_ABREAST, file);
    }
  }

  /**
   * The policies' states over requests.
   *
   * @throws IllegalArgumentException if there is none, or it cannot be drawn or written
   */
  public static void states(Results results, ReportFile file) {
    List<StateChart> panels =
        results.traces().stream()
            .flatMap(trace -> trace.results().stream())
            .flatMap(result -> StateChart.of(result).stream())
            .toList();
    if (panels.isEmpty()) {
      throw new IllegalArgumentException(
          file + ": none of the policies has a state to draw; try --policy arc,adaptive");
    }
    draw(panels, 1, file);
  }

  /**
   * Panels in a grid, row by row, into a .png or .svg.
   *
   * @throws IllegalArgumentException if they cannot be drawn or written
   */
  public static void draw(List<? extends Panel> panels, int columns, ReportFile file) {
    var image = new ChartImage(panels, columns);
    if (file.kind().equals("svg")) {
      file.write(drawn(image::svg));
    } else {
      file.write(drawn(image::png));
    }
  }

  /** Something that takes fonts to draw. */
  interface Drawing<T> {
    T draw();
  }

  /** What a drawing gives; where fonts are missing, a sentence for the user. */
  static <T> T drawn(Drawing<T> drawing) {
    try {
      return drawing.draw();
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (RuntimeException | LinkageError | InternalError e) {
      // What a JDK says where there is no font or no font library differs by platform.
      throw new IllegalArgumentException(
          "the chart cannot be drawn (%s); install fontconfig and a font such as DejaVu"
              .formatted(e),
          e);
    }
  }
}
