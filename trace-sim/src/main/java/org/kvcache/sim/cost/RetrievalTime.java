package org.kvcache.sim.cost;

/**
 * What choosing and moving the sets of a batch takes, once for each block.
 *
 * @param cpuSeconds the host's processor is busy: scan, choice, gather
 * @param linkSeconds the link is busy
 * @param chainSeconds one sequence alone, layer after layer, whatever the batch
 * @param movedBytes over the link
 */
public record RetrievalTime(
    double cpuSeconds, double linkSeconds, double chainSeconds, double movedBytes) {

  /** The longest of the three, which run beside each other. */
  public double seconds() {
    return Math.max(Math.max(cpuSeconds, linkSeconds), chainSeconds);
  }

  Bound longest() {
    double seconds = seconds();
    if (linkSeconds == seconds) {
      return Bound.PCIE;
    }
    return cpuSeconds == seconds ? Bound.CPU : Bound.CHAIN;
  }
}
