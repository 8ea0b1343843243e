package org.kvcache.sim.reproduce;

/**
 * One published figure beside ours.
 *
 * @param what it says
 * @param unit of both figures
 * @param published the paper's
 * @param ours the same in our setting, chosen as {@code setting} says
 * @param least of the settings of the study
 * @param most of the settings of the study
 * @param base the value that means no effect: 0 for a difference, 1 for a ratio
 * @param setting where ours was taken
 * @param difference the assumption that makes the difference
 */
public record Claim(
    String what,
    String unit,
    double published,
    double ours,
    double least,
    double most,
    double base,
    String setting,
    String difference) {

  /** Whether our figure is on the same side of no effect as the published one. */
  public boolean sameDirection() {
    return (ours - base) * (published - base) > 0;
  }
}
