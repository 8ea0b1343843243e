package org.kvcache.sim.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * How a line looks: colour, marker and dashes all differ, so that it can be told apart in print
 * without colours too. The colours are Okabe and Ito's, which colour-blind readers can tell apart,
 * without the yellow, which is too light on white.
 */
public record PolicyStyle(Color color, Marker marker, BasicStroke stroke) {
  private static final List<Color> COLORS =
      List.of(
          new Color(0x0072B2),
          new Color(0xD55E00),
          new Color(0x009E73),
          new Color(0xCC79A7),
          new Color(0xE69F00),
          new Color(0x56B4E9),
          new Color(0x555555));
  private static final List<Marker> MARKERS =
      List.of(
          SeriesMarkers.CIRCLE,
          SeriesMarkers.SQUARE,
          SeriesMarkers.TRIANGLE_UP,
          SeriesMarkers.DIAMOND,
          SeriesMarkers.TRIANGLE_DOWN,
          SeriesMarkers.CROSS,
          SeriesMarkers.TRAPEZOID,
          SeriesMarkers.PLUS,
          SeriesMarkers.OVAL);
  private static final List<float[]> DASHES =
      List.of(
          new float[] {},
          new float[] {10, 4},
          new float[] {10, 4, 2, 4},
          new float[] {5, 3},
          new float[] {14, 4, 2, 4, 2, 4});
  private static final float WIDTH = 2.4f;

  /** Belady's bound. */
  static final PolicyStyle OPT =
      new PolicyStyle(Color.BLACK, SeriesMarkers.NONE, stroke(2f, new float[] {3, 3}));

  /** The bound of a cache that never evicts. */
  static final PolicyStyle INFINITE =
      new PolicyStyle(new Color(0x888888), SeriesMarkers.NONE, stroke(2f, new float[] {12, 6}));

  /** The style of the {@code index}-th line. The lists' lengths have no common divisor. */
  public static PolicyStyle of(int index) {
    return new PolicyStyle(
        COLORS.get(index % COLORS.size()),
        MARKERS.get(index % MARKERS.size()),
        stroke(WIDTH, DASHES.get(index % DASHES.size())));
  }

  /** Dresses a line. */
  public void applyTo(XYSeries series) {
    series.setLineColor(color);
    series.setLineStyle(stroke);
    series.setMarker(marker);
    series.setMarkerColor(color);
  }

  private static BasicStroke stroke(float width, float[] dashes) {
    return new BasicStroke(
        width,
        BasicStroke.CAP_BUTT,
        BasicStroke.JOIN_ROUND,
        10,
        dashes.length == 0 ? null : dashes,
        0);
  }
}
