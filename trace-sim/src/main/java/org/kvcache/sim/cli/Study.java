package org.kvcache.sim.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.RunResult;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.Simulator;
import org.kvcache.sim.report.Failure;
import org.kvcache.sim.report.Results;
import org.kvcache.sim.report.RunHeader;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.report.TraceResults;
import org.kvcache.sim.trace.Trace;

/**
 * Replays and what they gave so far. A failing replay takes no other with it, and {@link #results}
 * may be asked by another thread at any time. The order of the results is that of the cells,
 * however many threads there are.
 */
final class Study implements AutoCloseable {
  private final RunHeader header;
  private final Progress progress;
  private final ExecutorService threads;
  private final List<Part> parts = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private boolean bug;

  /** The cells of one trace; the slot of a cell is null until it has finished. */
  private record Part(TraceInfo trace, List<Cell> cells, AtomicReferenceArray<RunResult> slots) {

    TraceResults results() {
      var results = new ArrayList<RunResult>();
      var bounds = new ArrayList<RunResult>();
      for (int i = 0; i < cells.size(); i++) {
        @Nullable RunResult result = slots.get(i);
        if (result != null) {
          (cells.get(i).chartOnly() ? bounds : results).add(result);
        }
      }
      return new TraceResults(trace, results, bounds);
    }
  }

  Study(RunHeader header, int threadCount, Progress progress) {
    this.header = header;
    this.progress = progress;
    threads =
        Executors.newFixedThreadPool(
            threadCount, Thread.ofPlatform().name("replay-", 0).daemon().factory());
  }

  /** Replays one trace; returns when all cells have finished or failed. */
  void run(Trace trace, TraceInfo info, RunSettings settings, List<Cell> cells) {
    var simulator = new Simulator(trace, settings);
    var part = new Part(info, cells, new AtomicReferenceArray<>(cells.size()));
    synchronized (this) {
      parts.add(part);
    }
    var running = new ArrayList<Future<?>>();
    for (int i = 0; i < cells.size(); i++) {
      int slot = i;
      running.add(threads.submit(() -> run(simulator, part, slot)));
    }
    for (int i = 0; i < cells.size(); i++) {
      try {
        running.get(i).get();
      } catch (ExecutionException e) {
        fail(info.name(), cells.get(i), e.getCause() == null ? e : e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void run(Simulator simulator, Part part, int slot) {
    Cell cell = part.cells.get(slot);
    try {
      part.slots.set(slot, simulator.run(cell.policy(), cell.capacity()));
    } finally {
      progress.step();
    }
  }

  private void fail(String trace, Cell cell, Throwable cause) {
    Complaint complaint = Complaint.of(cause);
    add(new Failure(trace, cell.policy(), cell.label(), complaint.sentence()), complaint);
  }

  /** Something for all policies at one capacity, or for a whole trace, went wrong. */
  void fail(String trace, String capacity, Throwable cause) {
    Complaint complaint = Complaint.of(cause);
    add(new Failure(trace, "", capacity, complaint.sentence()), complaint);
  }

  private synchronized void add(Failure failure, Complaint complaint) {
    failures.add(failure);
    bug |= complaint.code() == Complaint.BUG;
  }

  /** What there is by now. */
  synchronized Results results(boolean complete) {
    return new Results(
        header,
        parts.stream().map(Part::results).toList(),
        failures,
        complete && failures.isEmpty());
  }

  /** 0 if all went well, 1 if a failure is a bug, else 2. */
  synchronized int exitCode() {
    return failures.isEmpty() ? 0 : bug ? Complaint.BUG : Complaint.BAD_INPUT;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
