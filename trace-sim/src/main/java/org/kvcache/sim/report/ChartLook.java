package org.kvcache.sim.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;

/** Fonts, colours and margins of all charts: dark on white, for screens and for paper. */
public final class ChartLook {
  /** Colour of text and lines. */
  public static final Color INK = new Color(0x222222);

  /** Titles of charts. */
  public static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 20);

  /** Titles of axes, and legends. */
  public static final Font AXIS = new Font(Font.SANS_SERIF, Font.PLAIN, 16);

  /** Labels of axes. */
  public static final Font TICK = new Font(Font.SANS_SERIF, Font.PLAIN, 14);

  /** Colour of lines behind the data. */
  public static final Color GRID = new Color(0xDDDDDD);

  private ChartLook() {}

  /** Dresses a chart. */
  public static void applyTo(XYChart chart) {
    XYStyler styler = chart.getStyler();
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(true);
    styler.setPlotBorderColor(INK);
    styler.setPlotGridLinesColor(GRID);
    styler.setPlotGridLinesStroke(new BasicStroke(1));
    styler.setPlotGridVerticalLinesVisible(false);
    styler.setChartFontColor(INK);
    styler.setChartTitleFont(TITLE);
    styler.setChartTitleBoxVisible(false);
    styler.setAxisTitleFont(AXIS);
    styler.setAxisTickLabelsFont(TICK);
    styler.setAxisTickLabelsColor(INK);
    styler.setLegendFont(AXIS);
    styler.setLegendBorderColor(Color.WHITE);
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    styler.setLegendSeriesLineLength(48);
    styler.setMarkerSize(10);
  }
}
