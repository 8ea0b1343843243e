package org.kvcache.sim.trace;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.kvcache.sim.trace.InMemoryTrace.Row;

/** Random small traces whose prefixes branch and recur. */
final class TraceArbitraries {
  private static final int BLOCK = 4;

  private TraceArbitraries() {}

  static Arbitrary<InMemoryTrace> chains(boolean withSessions) {
    Arbitrary<List<Long>> ids =
        Arbitraries.oneOf(
                Arbitraries.longs().between(0, 3),
                Arbitraries.longs().between(0, 3),
                Arbitraries.longs().between(0, Long.MAX_VALUE))
            .list()
            .ofMaxSize(8);
    Arbitrary<Row> row =
        Combinators.combine(
                Arbitraries.integers().between(0, 5_000),
                ids,
                Arbitraries.integers().between(0, 2 * BLOCK),
                Arbitraries.integers().between(0, 1_000),
                Arbitraries.integers().between(0, 3))
            .as((gap, chain, more, output, session) ->
                new Row(gap, chain.size() * BLOCK + more, output, session, 0, chain));
    return row.list().ofMinSize(1).ofMaxSize(30).map(rows -> ordered(rows, withSessions));
  }

  static Arbitrary<InMemoryTrace> keys() {
    return Arbitraries.longs()
        .between(0, 12)
        .array(long[].class)
        .ofMinSize(1)
        .ofMaxSize(200)
        .map(InMemoryTrace::flat);
  }

  private static InMemoryTrace ordered(List<Row> rows, boolean withSessions) {
    var sessions = new ArrayList<Integer>();
    var turns = new int[4];
    var ordered = new ArrayList<Row>();
    double time = 0;
    for (Row row : rows) {
      time += row.timeMillis();
      if (!sessions.contains(row.session())) {
        sessions.add(row.session());
      }
      int session = withSessions ? sessions.indexOf(row.session()) : -1;
      int turn = withSessions ? turns[session]++ : -1;
      ordered.add(new Row(time, row.input(), row.output(), session, turn, row.ids()));
    }
    return new InMemoryTrace("random", BLOCK, ordered);
  }
}
