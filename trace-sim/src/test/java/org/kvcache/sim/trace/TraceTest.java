package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kvcache.sim.trace.InMemoryTrace.Row;

class TraceTest {
  @Test
  void contentIdsUnderDifferentPrefixesAreDifferentBlocks() {
    Trace trace = InMemoryTrace.of(1, Row.of(0, 2, 1, 5), Row.of(0, 2, 2, 5)).load();
    assertThat(trace.uniqueBlocks()).isEqualTo(4);
    assertThat(trace.infiniteHits()).isZero();
  }

  @Test
  void anIdMayOccurTwiceInARequest() {
    Trace trace = InMemoryTrace.of(1, Row.of(0, 3, 5, 5, 5), Row.of(0, 3, 5, 5, 5)).load();
    assertThat(trace.uniqueBlocks()).isEqualTo(3);
    assertThat(trace.infiniteHits()).isEqualTo(3);
  }

  @Test
  void aRequestMayHaveNoBlocks() {
    Trace trace = InMemoryTrace.of(8, Row.of(0, 3), Row.of(1, 8, 4)).load();
    assertThat(trace.chain(0, new int[1])).isZero();
    assertThat(trace.chainLength(0)).isZero();
    assertThat(trace.chainLength(1)).isOne();
  }

  @Test
  void loadsNoMoreRequestsThanAsked() {
    Trace trace = InMemoryTrace.flat(1, 2, 3, 4).load(TraceOptions.ALL.withMaxRequests(3));
    assertThat(trace.requests()).isEqualTo(3);
    assertThat(trace.uniqueBlocks()).isEqualTo(3);
  }

  @Test
  void aTraceWithoutRequestsIsAnError() {
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> InMemoryTrace.flat().load())
        .withMessage("flat: the trace holds no requests; check that it is complete");
  }

  @Test
  void aForeignReaderMustBeSortedToo() {
    var unsorted = InMemoryTrace.of(1, Row.of(5, 1, 1), Row.of(4, 1, 1));
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(unsorted::load)
        .withMessage(
            "test: request 2 arrives at 4.0 ms, before the one before it; sort the trace by time");
  }

  @Test
  void optionsAndBlockSizesAreChecked() {
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> new TraceOptions(false, 0))
        .withMessageContaining("1 or more");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> new TraceBuilder("t", 0, TraceOptions.ALL))
        .withMessageContaining("1 or more");
  }

  @Test
  void aLongTraceSpillsAndReadsBackTheSame() {
    int requests = 200_000;
    var spilled = new TraceBuilder("t", 1, TraceOptions.ALL, 70_000);
    var kept = new TraceBuilder("t", 1, TraceOptions.ALL, Long.MAX_VALUE);
    for (TraceBuilder builder : List.of(spilled, kept)) {
      var request = new Request();
      for (int i = 0; i < requests; i++) {
        request.clear();
        request.set(i * 0.5, i, i + 1, i % 7, i % 11);
        request.addId(i % 1000);
        builder.add(request);
      }
    }
    Trace mapped = spilled.build();
    assertThat(mapped.digest()).isEqualTo(kept.build().digest());
    for (int i = 0; i < requests; i += 997) {
      assertThat(mapped.timeMillis(i)).isEqualTo(i * 0.5);
      assertThat(mapped.inputTokens(i)).isEqualTo(i);
      assertThat(mapped.outputTokens(i)).isEqualTo(i + 1);
      assertThat(mapped.session(i)).isEqualTo(i % 7);
      assertThat(mapped.turn(i)).isEqualTo(i % 11);
      assertThat(mapped.chainLength(i)).isOne();
    }
  }

  @Test
  void aBuiltTraceTakesNoMoreRequests() {
    try (var builder = new TraceBuilder("t", 1, TraceOptions.ALL)) {
      builder.add(new Request());
      assertThat(builder.build()).isSameAs(builder.build());
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> builder.add(new Request()));
    }
  }

  @Test
  void manySiblingsAreToldApart() {
    var rows = new ArrayList<Row>();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 20_000; i++) {
        rows.add(Row.of(0, 3, 1, i * 4096L, i));
      }
    }
    Trace trace = new InMemoryTrace("wide", 1, rows).load();
    assertThat(trace.uniqueBlocks()).isEqualTo(40_001);
    assertThat(trace.blockRefs()).isEqualTo(120_000);
  }
}
