package org.kvcache.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.kvcache.sim.trace.Request;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceBuilder;
import org.kvcache.sim.trace.TraceOptions;

class SessionHintsTest {

  @Test
  void lastRequestOfASessionEndsIt() {
    Trace trace = RandomTraces.tree(1, 12);
    SessionHints hints = SessionHints.of(trace, settings(1.0));
    assertThat(IntStream.range(0, 12).filter(hints::saysEnded)).containsExactly(7, 8, 9, 10, 11);
  }

  @Test
  void withoutSessionsAChainThatIsNotContinuedEnds() {
    Trace trace = chains(new long[][] {{1, 2}, {1, 2, 3}, {4, 5}, {1, 6}});
    SessionHints hints = SessionHints.of(trace, settings(1.0));
    assertThat(IntStream.range(0, 4).filter(hints::saysEnded)).containsExactly(1, 2, 3);
  }

  @Test
  void accuracyZeroIsAlwaysWrongAndNullSaysNothing() {
    Trace trace = RandomTraces.tree(1, 12);
    SessionHints wrong = SessionHints.of(trace, settings(0.0));
    assertThat(IntStream.range(0, 12).filter(wrong::saysEnded)).hasSize(7).doesNotContain(11);
    SessionHints silent = SessionHints.of(trace, RunSettings.prefix());
    assertThat(IntStream.range(0, 12).filter(silent::saysEnded)).isEmpty();
  }

  @Test
  void hintsNeedRequests() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RunSettings(RunSettings.Mode.FLAT, 0, 0.5, 0, 0))
        .withMessageContaining("--flat");
  }

  private static RunSettings settings(double accuracy) {
    return new RunSettings(RunSettings.Mode.PREFIX, 0, accuracy, 0, 0);
  }

  private static Trace chains(long[][] chains) {
    var request = new Request();
    try (var builder = new TraceBuilder("chains", 4, TraceOptions.ALL)) {
      for (long[] chain : chains) {
        request.clear();
        request.set(0, chain.length * 4, 0, Request.NONE, Request.NONE);
        for (long id : chain) {
          request.addId(id);
        }
        builder.add(request);
      }
      return builder.build();
    }
  }
}
