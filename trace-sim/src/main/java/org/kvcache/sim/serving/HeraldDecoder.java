package org.kvcache.sim.serving;

import org.kvcache.sim.cost.PipelineModel;
import org.kvcache.sim.cost.RetrievalPlan;
import org.kvcache.sim.cost.RetrievalTime;
import org.kvcache.sim.cost.Workload;

/**
 * Blocks that are denoised against a chosen set. With look-ahead the set of the next block is
 * chosen while this one is denoised, from the second pass on, whose draft it waits for; else, and
 * for the first block, it is chosen before the block begins. The host's processor and the link take
 * the sets one after the other, both at the same time, and the layers of one sequence form a chain.
 */
final class HeraldDecoder extends BlockDecoder {
  private final RetrievalPlan plan;
  private final int steps;
  private final PipelineModel model;
  private final EventQueue events;
  private final Channel processor;
  private final Channel link;
  private double movedBytes;

  HeraldDecoder(
      Decoding.Herald decoding,
      PipelineModel model,
      EventQueue events,
      Channel processor,
      Channel link) {
    super(decoding.blockTokens(), decoding.steps());
    plan = decoding.plan();
    steps = decoding.steps();
    this.model = model;
    this.events = events;
    this.processor = processor;
    this.link = link;
  }

  /** The prompt is computed with all before it on the GPU. */
  @Override
  public double promptGpuTokens(long target) {
    return (double) target + blockTokens();
  }

  /** Two sets, and three blocks. */
  @Override
  public double answerGpuTokens(Sequence sequence) {
    return Math.ceil(2 * plan.budget() * finalTokens(sequence)) + 3.0 * blockTokens();
  }

  double movedBytes() {
    return movedBytes;
  }

  @Override
  public boolean ready(Sequence sequence, double now) {
    return sequence.step > 0 || sequence.selectedAt <= now;
  }

  /** Passes that look ahead are unlike the others. */
  @Override
  public int steadySteps(Sequence sequence, int roomTokens) {
    return 1;
  }

  @Override
  public void addStep(Pass pass, Sequence sequence) {
    double read = read(sequence);
    pass.addStep(sequence, blockTokens(), read);
    if (looksAhead(sequence)) {
      pass.addDraft(blockTokens(), read);
    }
  }

  private double read(Sequence sequence) {
    return plan.budget() * sequence.computed + 2.0 * blockTokens();
  }

  /** Only where another block follows. */
  private boolean looksAhead(Sequence sequence) {
    return plan.lookAhead()
        && sequence.step == 1
        && sequence.generated + blockTokens() < sequence.wantedTokens;
  }

  @Override
  public void passStarts(Pass pass, double now) {
    double drafted = now + pass.draftSeconds();
    for (int i = 0; i < pass.size(); i++) {
      Sequence sequence = pass.sequence(i);
      if (pass.chunk(i) == 0 && looksAhead(sequence)) {
        select(sequence, drafted, sequence.computed + blockTokens());
      }
    }
  }

  @Override
  public int promptDone(Sequence sequence, double now) {
    select(sequence, now, sequence.computed);
    return super.promptDone(sequence, now);
  }

  @Override
  public int stepDone(Sequence sequence, double now) {
    int leaving = super.stepDone(sequence, now);
    boolean blockEnded = sequence.step == 0;
    if (blockEnded && !sequence.finished() && !plan.lookAhead()) {
      select(sequence, now, sequence.computed);
    }
    return leaving;
  }

  private void select(Sequence sequence, double from, int context) {
    var work = new Workload(Math.max(1, context), blockTokens(), steps);
    RetrievalTime time = model.retrieval(work, plan, 1);
    double scanned = processor.occupy(from, time.cpuSeconds());
    double moved = link.occupy(from, time.linkSeconds());
    movedBytes += time.movedBytes();
    sequence.selectedAt = Math.max(Math.max(scanned, moved), from + time.chainSeconds());
    events.add(sequence.selectedAt, EventQueue.Kind.SELECTED, sequence.request);
  }
}
