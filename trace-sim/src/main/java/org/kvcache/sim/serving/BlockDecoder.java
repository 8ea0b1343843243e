package org.kvcache.sim.serving;

/**
 * Blocks that are denoised against the whole prefix; their tokens leave when they are committed.
 */
class BlockDecoder implements Decoder {
  private final int blockTokens;
  private final int passes;

  BlockDecoder(int blockTokens, int steps) {
    this.blockTokens = blockTokens;
    passes = steps + 1;
  }

  final int blockTokens() {
    return blockTokens;
  }

  @Override
  public int roomTokens(Sequence sequence) {
    return sequence.computed + blockTokens;
  }

  @Override
  public long finalTokens(Sequence sequence) {
    long blocks = Math.ceilDiv(sequence.wantedTokens, blockTokens);
    return sequence.inputTokens + blocks * blockTokens;
  }

  /** To the end of the block. */
  @Override
  public int steadySteps(Sequence sequence, int roomTokens) {
    return passes - sequence.step;
  }

  @Override
  public void addStep(Pass pass, Sequence sequence) {
    pass.addStep(sequence, blockTokens, sequence.computed);
  }

  @Override
  public int promptDone(Sequence sequence, double now) {
    sequence.step = 0;
    return 0;
  }

  @Override
  public int stepDone(Sequence sequence, double now) {
    if (++sequence.step < passes) {
      return 0;
    }
    sequence.step = 0;
    sequence.computed += blockTokens;
    int leaving = Math.min(blockTokens, sequence.wantedTokens - sequence.generated);
    sequence.generated += leaving;
    return leaving;
  }
}
