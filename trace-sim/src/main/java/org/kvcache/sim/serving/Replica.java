package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.List;
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

  /** Blocks were freed so many times; the first in line tries again only after one more. */
  private long releases;

  private long releasesAtFailure = -1;

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

  /** Whether the sequence can run here at all. */
  boolean takes(Sequence sequence) {
    return memory.holds(decoder.finalTokens(sequence))
        && decoder.promptGpuTokens(sequence) <= gpuTokens
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
    memory.publish(sequence);
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
    addRunning(now);
    admit(now);
    occupancy.set(now, memory.occupancy());
    if (pass.isEmpty()) {
      return;
    }
    busy = true;
    decoder.passStarts(pass, now);
    double seconds = pass.seconds();
    log.pass(pass, seconds);
    events.add(now + seconds, EventQueue.Kind.PASS_END, index);
  }

  private void addRunning(double now) {
    for (int i = 0; i < running.size(); i++) {
      Sequence sequence = running.get(i);
      if (sequence.state == Sequence.State.DECODE && decoder.ready(sequence, now)) {
        if (!makeRoom(sequence)) {
          return; // it was the last one, and gave way itself
        }
        decoder.addStep(pass, sequence);
      } else if (sequence.state == Sequence.State.PREFILL) {
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
    releases++;
    gaveWay = true;
    waiting.putBack(sequence);
  }

  /** Takes in sequences, but none in a pass for which others had to give way. */
  private void admit(double now) {
    while (!gaveWay
        && !waiting.isEmpty()
        && releases != releasesAtFailure
        && running.size() < batching.maxSequences()
        && pass.rows() < batching.passTokens()) {
      Sequence sequence = waiting.first();
      double held = Math.max(decoder.promptGpuTokens(sequence), decoder.answerGpuTokens(sequence));
      double there = heldTokens + held > gpuTokens ? Double.NaN : memory.begin(sequence, now);
      if (Double.isNaN(there)) {
        releasesAtFailure = releases;
        break;
      }
      waiting.removeFirst();
      running.add(sequence);
      hold(sequence, held);
      log.admitted(sequence, now);
      sequence.swapped = 0;
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
        memory.publish(sequence);
        if (sequence.computed >= sequence.target) {
          promptDone(sequence, now);
        }
      } else {
        left(sequence, decoder.stepDone(sequence, now), now);
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
      memory.publish(sequence);
      memory.keep(sequence);
      memory.release(sequence);
      hold(sequence, 0);
      running.remove(sequence);
      releases++;
      endings.ended(sequence, now);
    }
  }

  private void hold(Sequence sequence, double tokens) {
    heldTokens += tokens - sequence.heldTokens;
    sequence.heldTokens = tokens;
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
