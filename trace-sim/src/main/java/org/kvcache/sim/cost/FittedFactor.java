package org.kvcache.sim.cost;

/**
 * A factor as a calibration leaves it. Values have {@link PassModel}'s units.
 *
 * @param factor which
 * @param before the preset's
 * @param after the fitted one, or the preset's if it is kept
 * @param standardError of {@code after}, to first order; 0 if it is kept
 * @param verdict how far to trust {@code after}
 * @param remark why it is not simply fitted, for the user; empty if it is
 */
public record FittedFactor(
    Factor factor,
    double before,
    double after,
    double standardError,
    Verdict verdict,
    String remark) {

  /** What the points say of a factor. */
  public enum Verdict {
    /** Its value. */
    FITTED,
    /**
     * That it is not the preset's, but hardly what else; or that it is the most that is allowed.
     */
    BOUND,
    /** Nothing that is better than the preset. */
    KEPT
  }
}
