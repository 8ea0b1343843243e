package org.kvcache.sim.report;

import java.awt.Graphics2D;

/** A chart that can be painted anywhere. */
public interface Panel {

  /** What it shows, in one line for those who cannot see it. */
  String description();

  /** The size in pixels at which its fonts are legible. */
  int width();

  /** See {@link #width}. */
  int height();

  /** Paints into the rectangle from 0, 0 to width, height. */
  void paint(Graphics2D graphics);
}
