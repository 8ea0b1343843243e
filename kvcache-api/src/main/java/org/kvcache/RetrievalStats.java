package org.kvcache;

/**
 * What the retrieval of a cache did so far. Layers are counted once for each block, pages once for
 * each layer and KV head; with {@link Retrieval#byToken} a page is a token.
 *
 * @param chosenLayers layers for which a choice was made
 * @param aheadLayers layers of blocks whose look-ahead had settled what they see
 * @param wholeLayers layers that saw the whole prefix, because it fits or they are dense
 * @param scannedKeys keys that were scored
 * @param wantedPages pages that were chosen
 * @param movedPages of these, moved to the device
 * @param movedBytes bytes of these
 * @param tailBytes bytes of last committed blocks moved to the device
 * @param repeatedReads transfers that failed and were made again
 * @param hostLayers layers attended in host memory because a transfer failed twice or the device
 *     was full
 * @param droppedLookAheads look-aheads given up by a cancel or because the block went elsewhere
 * @param comparisons choices that were compared with the exact one
 * @param recall mean share of attention that the compared choices kept; 1 before the first
 * @param raises times the budget of a sequence grew
 * @param retrievalNanos time that look-aheads spent on choosing and moving
 * @param waitNanos time that blocks spent on choosing and waiting themselves
 */
public record RetrievalStats(
    long chosenLayers,
    long aheadLayers,
    long wholeLayers,
    long scannedKeys,
    long wantedPages,
    long movedPages,
    long movedBytes,
    long tailBytes,
    long repeatedReads,
    long hostLayers,
    long droppedLookAheads,
    long comparisons,
    double recall,
    long raises,
    long retrievalNanos,
    long waitNanos) {

  /** Before anything happened, and of a cache without retrieval. */
  public static final RetrievalStats NONE =
      new RetrievalStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0);

  /** Share of the chosen pages that were on the device already; 0 before the first. */
  public double reuse() {
    return wantedPages == 0 ? 0 : 1 - (double) movedPages / wantedPages;
  }

  /** Share of the time for choosing and moving that blocks did not wait for; 1 before any. */
  public double overlap() {
    long all = retrievalNanos + waitNanos;
    return all == 0 ? 1 : (double) retrievalNanos / all;
  }
}
