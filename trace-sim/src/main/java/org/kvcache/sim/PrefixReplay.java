package org.kvcache.sim;

import java.util.ArrayList;
import java.util.List;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockTable;
import org.kvcache.sim.trace.ChainKeys;
import org.kvcache.sim.trace.Trace;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.ReuseHint;

/**
 * Requests as an engine sends them, through the {@link BlockManager} that serves.
 *
 * <p>A request matches its leading run of cached blocks, then gets slots for the rest in chain
 * order, as many as can be had; all are pinned until it finishes and is released tail first. Up to
 * {@code window} requests run at once and the oldest finishes first; a session's next turn waits
 * for its last one.
 */
final class PrefixReplay implements Replay {

  private final Trace trace;
  private final RunSettings settings;
  private final BlockManager manager;
  private final SessionHints hints;
  private final BlockTable[] running;
  private final int[] runningRequest;
  private final BlockKeys keys = new BlockKeys();
  private final ChainKeys chains;
  private final List<RunResult.StatePoint> states = new ArrayList<>();
  private int oldest;
  private int runningCount;
  private long tokenHits;
  private long hitsAtLastState;
  private long refsAtLastState;

  PrefixReplay(Trace trace, PolicySpec policy, int capacity, RunSettings settings) {
    this.trace = trace;
    this.settings = settings;
    manager =
        BlockManager.open(
            BlockManagerConfig.builder()
                .slots(capacity)
                .blockTokens(trace.blockTokens())
                .policy(policy)
                .whatIf(false)
                .seed(settings.seed())
                .clockMillis(() -> 0)
                .build());
    hints = SessionHints.of(trace, settings);
    int window = Math.clamp(settings.window(), 1, Math.max(1, trace.requests()));
    running = new BlockTable[window];
    runningRequest = new int[window];
    for (int i = 0; i < window; i++) {
      running[i] = manager.newTable();
    }
    chains = new ChainKeys(trace);
  }

  @Override
  public Counts run() {
    int requests = trace.requests();
    int stateEvery =
        settings.statePoints() == 0
            ? Integer.MAX_VALUE
            : Math.max(1, requests / settings.statePoints());
    for (int request = 0; request < requests; request++) {
      waitForTurn(request);
      start(request);
      if ((request + 1) % stateEvery == 0) {
        recordState(request);
      }
    }
    while (runningCount > 0) {
      finishOldest();
    }
    var stats = manager.stats();
    manager.close();
    return new Counts(
        stats.hitBlocks(), tokenHits, stats.evictedDeleted() + stats.evictedDemoted(), states);
  }

  /** Makes room in the window and lets the session's earlier turn finish. */
  private void waitForTurn(int request) {
    int session = trace.session(request);
    int waitFor = runningCount == running.length ? 1 : 0;
    for (int i = waitFor; session >= 0 && i < runningCount; i++) {
      if (trace.session(runningRequest[(oldest + i) % running.length]) == session) {
        waitFor = i + 1;
      }
    }
    for (int i = 0; i < waitFor; i++) {
      finishOldest();
    }
  }

  private void start(int request) {
    int count = chains.fill(request, keys);
    int at = (oldest + runningCount++) % running.length;
    runningRequest[at] = request;
    BlockTable table = running[at];
    int matched = manager.match(table, keys, count);
    tokenHits += Math.min((long) matched * trace.blockTokens(), trace.inputTokens(request));
    int granted = Math.min(count - matched, manager.available());
    if (manager.allocate(table, granted)) {
      manager.commit(table, keys, table.size());
    }
    if (settings.window() == 0) {
      finishOldest();
    }
  }

  private void finishOldest() {
    int request = runningRequest[oldest];
    boolean ended = hints.saysEnded(request);
    manager.release(running[oldest], ended ? ReuseHint.ENDED : ReuseHint.NONE);
    oldest = (oldest + 1) % running.length;
    runningCount--;
  }

  private void recordState(int request) {
    var stats = manager.stats();
    long refs = stats.queriedBlocks() - refsAtLastState;
    long hits = stats.hitBlocks() - hitsAtLastState;
    states.add(
        new RunResult.StatePoint(
            request + 1L,
            trace.timeMillis(request),
            refs == 0 ? 0 : (double) hits / refs,
            stats.policyState()));
    refsAtLastState = stats.queriedBlocks();
    hitsAtLastState = stats.hitBlocks();
  }
}
