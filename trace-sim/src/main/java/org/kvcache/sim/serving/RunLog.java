package org.kvcache.sim.serving;

/** Writes down what happens in a run. */
final class RunLog {
  private final Outcomes outcomes;
  private final TokenGaps gaps;
  private long passes;
  private double busySeconds;
  private double operations;
  private double memoryBytes;
  private double swappedBytes;

  RunLog(Outcomes outcomes, TokenGaps gaps) {
    this.outcomes = outcomes;
    this.gaps = gaps;
  }

  void arrived(Sequence sequence, double now) {
    outcomes.arrived(sequence.request, now);
    sequence.lastToken = now;
  }

  void admitted(Sequence sequence, double now) {
    if (Double.isNaN(outcomes.admitted[sequence.request])) {
      outcomes.admitted[sequence.request] = now;
    }
  }

  void computed(Sequence sequence, int tokens) {
    outcomes.computed[sequence.request] += tokens;
  }

  void left(Sequence sequence, int tokens, double now) {
    int request = sequence.request;
    if (Double.isNaN(outcomes.firstToken[request])) {
      outcomes.firstToken[request] = now;
    } else {
      gaps.record(outcomes.position(request), request, (now - sequence.lastToken) / tokens, tokens);
    }
    sequence.lastToken = now;
    outcomes.generated[request] += tokens;
    if (sequence.finished()) {
      outcomes.finish[request] = now;
    }
  }

  void preempted(Sequence sequence) {
    outcomes.preemptions[sequence.request]++;
  }

  void swappedOut(double bytes) {
    swappedBytes += bytes;
  }

  void passes(Pass pass, int growth, double seconds) {
    passes += pass.repeats();
    busySeconds += seconds;
    operations += pass.operations(growth);
    memoryBytes += pass.bytes(growth);
  }

  long passes() {
    return passes;
  }

  double busySeconds() {
    return busySeconds;
  }

  double operations() {
    return operations;
  }

  double memoryBytes() {
    return memoryBytes;
  }

  double swappedBytes() {
    return swappedBytes;
  }
}
