package org.kvcache.sim.serving;

/** One token a pass. The last token's keys and values are never computed. */
final class TokenDecoder implements Decoder {

  @Override
  public int roomTokens(Sequence sequence) {
    return sequence.computed + 1;
  }

  @Override
  public long finalTokens(Sequence sequence) {
    return (long) sequence.inputTokens + sequence.wantedTokens - 1;
  }

  @Override
  public int steadySteps(Sequence sequence, int roomTokens) {
    return Math.min(sequence.wantedTokens - sequence.generated, roomTokens - sequence.computed);
  }

  @Override
  public int growth() {
    return 1;
  }

  @Override
  public void addStep(Pass pass, Sequence sequence) {
    pass.addStep(sequence, 1, sequence.computed + 1.0);
  }

  @Override
  public int promptDone(Sequence sequence, double now) {
    sequence.generated++;
    return 1;
  }

  @Override
  public int stepDone(Sequence sequence, double now) {
    sequence.computed++;
    sequence.generated++;
    return 1;
  }
}
