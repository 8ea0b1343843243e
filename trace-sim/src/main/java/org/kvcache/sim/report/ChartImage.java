package org.kvcache.sim.report;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;

/** Panels in a grid, as PNG or SVG. */
final class ChartImage {
  private static final int MAX_PNG_PIXELS = 100_000_000;

  private static final Pattern CLIP_ID = Pattern.compile("clip-?\\d+");

  private final List<? extends Panel> panels;
  private final String idPrefix;
  private final int columns;
  private final int cellWidth;
  private final int cellHeight;

  /** Panels row by row, at least one. */
  ChartImage(List<? extends Panel> panels, int columns) {
    this(panels, columns, "clip-");
  }

  /** As above, for an SVG in a page with others. */
  ChartImage(List<? extends Panel> panels, int columns, String idPrefix) {
    this.panels = panels;
    this.idPrefix = idPrefix;
    this.columns = Math.min(columns, panels.size());
    cellWidth = panels.stream().mapToInt(Panel::width).max().orElseThrow();
    cellHeight = panels.stream().mapToInt(Panel::height).max().orElseThrow();
  }

  private int width() {
    return columns * cellWidth;
  }

  private int height() {
    return Math.ceilDiv(panels.size(), columns) * cellHeight;
  }

  byte[] png() {
    if ((long) width() * height() > MAX_PNG_PIXELS) {
      throw new IllegalArgumentException(
          "%d charts are too many for one PNG; write .svg or .html, or ask for fewer"
              .formatted(panels.size()));
    }
    var image = new BufferedImage(width(), height(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    paint(graphics);
    graphics.dispose();
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("an array takes everything", e);
    }
    return bytes.toByteArray();
  }

  String svg() {
    var graphics = new VectorGraphics2D();
    paint(graphics);
    var bytes = new ByteArrayOutputStream();
    try {
      new SVGProcessor()
          .getDocument(graphics.getCommands(), new PageSize(width(), height()))
          .writeTo(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("an array takes everything", e);
    }
    return described(withStableIds(bytes.toString(StandardCharsets.UTF_8)));
  }

  /** The library names clip paths after identity hashes; two charts in a page must differ too. */
  private String withStableIds(String svg) {
    var names = new HashMap<String, String>();
    return CLIP_ID
        .matcher(svg)
        .replaceAll(id -> names.computeIfAbsent(id.group(), _ -> idPrefix + names.size()));
  }

  private String described(String svg) {
    var title = new StringBuilder("\n  <title>");
    for (Panel panel : panels) {
      title.append(HtmlPage.escaped(panel.description())).append(". ");
    }
    int end = svg.indexOf('>', svg.indexOf("<svg")) + 1;
    return svg.substring(0, end)
        + title.toString().stripTrailing()
        + "</title>"
        + svg.substring(end);
  }

  private void paint(Graphics2D graphics) {
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, width(), height());
    for (int i = 0; i < panels.size(); i++) {
      AffineTransform origin = graphics.getTransform();
      graphics.translate(i % columns * cellWidth, i / columns * cellHeight);
      panels.get(i).paint(graphics);
      graphics.setTransform(origin);
    }
  }
}
