package org.kvcache.offload.pipeline;

import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;
import org.kvcache.RetrievalStats;

/** What {@link RetrievalStats} shows, counted by any thread. */
final class RetrievalCounters {

  final LongAdder chosenLayers = new LongAdder();
  final LongAdder aheadLayers = new LongAdder();
  final LongAdder wholeLayers = new LongAdder();
  final LongAdder scannedKeys = new LongAdder();
  final LongAdder wantedPages = new LongAdder();
  final LongAdder movedPages = new LongAdder();
  final LongAdder movedBytes = new LongAdder();
  final LongAdder tailBytes = new LongAdder();
  final LongAdder repeatedReads = new LongAdder();
  final LongAdder hostLayers = new LongAdder();
  final LongAdder droppedLookAheads = new LongAdder();
  final LongAdder comparisons = new LongAdder();
  final DoubleAdder recalls = new DoubleAdder();
  final LongAdder raises = new LongAdder();
  final LongAdder retrievalNanos = new LongAdder();
  final LongAdder waitNanos = new LongAdder();

  RetrievalStats stats() {
    long compared = comparisons.sum();
    return new RetrievalStats(
        chosenLayers.sum(),
        aheadLayers.sum(),
        wholeLayers.sum(),
        scannedKeys.sum(),
        wantedPages.sum(),
        movedPages.sum(),
        movedBytes.sum(),
        tailBytes.sum(),
        repeatedReads.sum(),
        hostLayers.sum(),
        droppedLookAheads.sum(),
        compared,
        compared == 0 ? 1 : recalls.sum() / compared,
        raises.sum(),
        retrievalNanos.sum(),
        waitNanos.sum());
  }
}
