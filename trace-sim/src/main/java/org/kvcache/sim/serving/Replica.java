package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.metrics.TimeWeighted;

/**
 * One copy of the model with its cache. Its scheduler builds a pass when the last one ends: a step
 * of each sequence that decodes, then parts of prompts in order of admission, then new sequences in
 * the order of the waiting line, as long as the pass has rows and the cache has room. A step that
 * finds no block free makes the youngest sequence give way.
 */
final class Replica {

  /** Who wants to know that a sequence has ended and released its blocks. */
  interface Endings {
    void ended(Sequence sequence, double now);
  }

  private final int index;
  private final Batching batching;
  private final KvMemory memory;
  private final Decoder decoder;
  private final Pass pass;
  private final EventQueue events;
  private final RunLog log;
  private final Endings endings;

  /**
   * GPU tokens that sequences of a chosen set may take; without retrieval there is no such limit.
   */
  private final double gpuTokens;

  private final WaitingLine waiting;
  private final List<Sequence> running = new ArrayList<>();
  private final TimeWeighted occupancy = new TimeWeighted(0, 0);
  private double heldTokens;
  private long backlog;
  private boolean busy;
  private boolean gaveWay;
  private @Nullable Sequence noRoomFor;

  /** The first in line found no room, and nothing has changed for it since. */
  private boolean full;

  Replica(
      int index,
      Batching batching,
      KvMemory memory,
      Decoder decoder,
      Pass pass,
      double gpuTokens,
      WaitingLine waiting,
      EventQueue events,
      RunLog log,
      Endings endings) {
    this.index = index;
    this.batching = batching;
    this.memory = memory;
    this.decoder = decoder;
    this.pass = pass;
    this.gpuTokens = gpuTokens;
    this.waiting = waiting;
    this.events = events;
    this.log = log;
    this.endings = endings;
  }

  int index() {
    return index;
  }

  /** Tokens of prompts and answers that are not done. */
  long backlog() {
    return backlog;
  }

  /** Whether the sequence can run here at all, even if it gives way before its last step. */
  boolean takes(Sequence sequence) {
    long longestTarget = (long) sequence.inputTokens + sequence.wantedTokens - 1;
    return memory.holds(decoder.finalTokens(sequence))
        && decoder.promptGpuTokens(longestTarget) <= gpuTokens
        && decoder.answerGpuTokens(sequence) <= gpuTokens;
  }

  void arrive(Sequence sequence, double now) {
    line(sequence);
    wake(now);
  }

  /** The sequence waits for the begin of its batch. */
  void line(Sequence sequence) {
    backlog += (long) sequence.inputTokens + sequence.wantedTokens;
    waiting.add(sequence);
  }

  /** All sequences of the batch are in line. */
  void beginBatch(double now) {
    memory.foresee(waiting.inOrder());
    wake(now);
  }

  /** Blocks have come from below; an event for a sequence that gave way meanwhile says nothing. */
  void restored(Sequence sequence, double now) {
    if (sequence.state == Sequence.State.RESTORING && sequence.restoredAt == now) {
      begin(sequence, now);
      wake(now);
    }
  }

  /** What the cache had is there. */
  private void begin(Sequence sequence, double now) {
    sequence.state = Sequence.State.PREFILL;
    sequence.swapped = 0;
    publish(sequence);
    if (sequence.computed >= sequence.target) {
      promptDone(sequence, now);
    }
  }

  void wake(double now) {
    if (!busy) {
      startPass(now);
    }
  }

  private void startPass(double now) {
    pass.clear();
    addSteps(now);
    addChunks();
    admit(now);
    occupancy.set(now, memory.occupancy());
    if (pass.isEmpty()) {
      return;
    }
    busy = true;
    decoder.passStarts(pass, now);
    int growth = decoder.growth();
    double end = pass.schedule(now, steadySteps(), growth, events.nextTime());
    log.passes(pass, growth, end - now);
    events.add(end, EventQueue.Kind.PASS_END, index);
  }

  /**
   * Passes from this one on that are alike if nothing happens; one with a prompt is like no other.
   */
  private int steadySteps() {
    int steps = Integer.MAX_VALUE;
    for (int i = 0; i < pass.size(); i++) {
      Sequence sequence = pass.sequence(i);
      steps =
          pass.chunk(i) > 0
              ? 1
              : Math.min(steps, decoder.steadySteps(sequence, memory.roomTokens(sequence)));
    }
    return steps;
  }

  private void addSteps(double now) {
    for (int i = 0; i < running.size(); i++) {
      Sequence sequence = running.get(i);
      if (sequence.state == Sequence.State.DECODE && decoder.ready(sequence, now)) {
        if (!makeRoom(sequence)) {
          return; // it was the last one, and gave way itself
        }
        decoder.addStep(pass, sequence);
      }
    }
  }

  private void addChunks() {
    for (Sequence sequence : running) {
      if (sequence.state == Sequence.State.PREFILL) {
        addChunk(sequence);
      }
    }
  }

  private void addChunk(Sequence sequence) {
    int rows = Math.min(sequence.target - sequence.computed, batching.passTokens() - pass.rows());
    if (rows > 0) {
      pass.addChunk(sequence, rows);
    }
  }

  /** Room for the next step, at the cost of younger sequences; false if it had to go itself. */
  private boolean makeRoom(Sequence sequence) {
    while (!memory.grow(sequence, decoder.roomTokens(sequence))) {
      Sequence youngest = running.removeLast();
      preempt(youngest);
      if (youngest == sequence) {
        return false;
      }
    }
    return true;
  }

  private void preempt(Sequence sequence) {
    log.preempted(sequence);
    if (batching.preemption() == Batching.Preemption.SWAP
        && sequence.state == Sequence.State.DECODE) {
      sequence.swapped = sequence.computed;
      log.swappedOut(sequence.computed * memory.tokenBytes());
    }
    sequence.state = Sequence.State.WAITING;
    sequence.target = sequence.inputTokens + sequence.generated;
    sequence.computed = 0;
    sequence.step = 0;
    hold(sequence, 0);
    memory.release(sequence);
    full = false;
    gaveWay = true;
    waiting.putBack(sequence);
  }

  /**
   * Takes in sequences, but none in a pass for which others had to give way; one that was alone and
   * gave way to what it shared with others that have ended comes back at once.
   */
  private void admit(double now) {
    while ((!gaveWay || running.isEmpty())
        && !waiting.isEmpty()
        && !full
        && running.size() < batching.maxSequences()
        && pass.rows() < batching.passTokens()) {
      Sequence sequence = waiting.first();
      double held =
          Math.max(decoder.promptGpuTokens(sequence.target), decoder.answerGpuTokens(sequence));
      double there = heldTokens + held > gpuTokens ? Double.NaN : memory.begin(sequence, now);
      if (Double.isNaN(there)) {
        full = true;
        noRoomFor = sequence;
        break;
      }
      waiting.removeFirst();
      running.add(sequence);
      hold(sequence, held);
      log.admitted(sequence, now);
      if (there > now) {
        sequence.state = Sequence.State.RESTORING;
        sequence.restoredAt = there;
        events.add(there, EventQueue.Kind.RESTORED, sequence.request);
      } else {
        begin(sequence, now);
        addChunk(sequence);
      }
    }
    gaveWay = false;
  }

  void passEnded(double now) {
    busy = false;
    for (int i = 0; i < pass.size(); i++) {
      Sequence sequence = pass.sequence(i);
      int chunk = pass.chunk(i);
      if (chunk > 0) {
        sequence.computed += chunk;
        log.computed(sequence, chunk);
        publish(sequence);
        if (sequence.computed >= sequence.target) {
          promptDone(sequence, now);
        }
      } else {
        for (int step = 0; step < pass.repeats(); step++) {
          double end = pass.end(step);
          left(sequence, decoder.stepDone(sequence, end), end);
        }
      }
    }
    startPass(now);
  }

  private void promptDone(Sequence sequence, double now) {
    sequence.state = Sequence.State.DECODE;
    hold(sequence, decoder.answerGpuTokens(sequence));
    memory.keep(sequence);
    left(sequence, decoder.promptDone(sequence, now), now);
  }

  private void left(Sequence sequence, int tokens, double now) {
    if (tokens > 0) {
      log.left(sequence, tokens, now);
    }
    if (sequence.finished()) {
      backlog -= (long) sequence.inputTokens + sequence.wantedTokens;
      publish(sequence);
      memory.keep(sequence);
      memory.release(sequence);
      hold(sequence, 0);
      running.remove(sequence);
      full = false;
      endings.ended(sequence, now);
    }
  }

  private void publish(Sequence sequence) {
    if (memory.publish(sequence, full ? noRoomFor : null)) {
      full = false;
    }
  }

  private void hold(Sequence sequence, double tokens) {
    if (tokens < sequence.heldTokens) {
      full = false;
    }
    heldTokens += tokens - sequence.heldTokens;
    sequence.heldTokens = tokens;
  }

  /** At the end of a run: all that came has gone, with its blocks. */
  void requireIdle() {
    if (busy
        || !running.isEmpty()
        || !waiting.isEmpty()
        || backlog != 0
        || heldTokens != 0
        || memory.occupancy() != 0) {
      throw new IllegalStateException(
          "replica %d ends with %d running, %s waiting, %s tokens to go, %s held and %s of its blocks in use"
              .formatted(
                  index,
                  running.size(),
                  waiting.isEmpty() ? "none" : "some",
                  backlog,
                  heldTokens,
                  memory.occupancy()));
    }
  }

  TimeWeighted occupancy() {
    return occupancy;
  }

  KvMemory memory() {
    return memory;
  }

  Decoder decoder() {
    return decoder;
  }
}
