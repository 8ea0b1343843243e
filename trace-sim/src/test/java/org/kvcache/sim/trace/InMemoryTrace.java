package org.kvcache.sim.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A trace written down in a test, readable any number of times. */
record InMemoryTrace(String name, int blockTokens, List<Row> rows) {
  record Row(double timeMillis, int input, int output, int session, int turn, List<Long> ids) {
    static Row of(double timeMillis, int input, long... ids) {
      return new Row(timeMillis, input, 7, -1, -1, Arrays.stream(ids).boxed().toList());
    }
  }

  static InMemoryTrace of(int blockTokens, Row... rows) {
    return new InMemoryTrace("test", blockTokens, List.of(rows));
  }

  static InMemoryTrace flat(long... ids) {
    var rows = new ArrayList<Row>();
    for (long id : ids) {
      rows.add(Row.of(rows.size(), 1, id));
    }
    return new InMemoryTrace("flat", 1, rows);
  }

  static List<Row> rowsOf(TraceReader reader) {
    var rows = new ArrayList<Row>();
    var request = new Request();
    while (reader.next(request)) {
      rows.add(rowOf(request));
    }
    return rows;
  }

  static Row rowOf(Request request) {
    return new Row(
        request.timeMillis(),
        request.inputTokens(),
        request.outputTokens(),
        request.session(),
        request.turn(),
        Arrays.stream(request.ids(), 0, request.count()).boxed().toList());
  }

  Trace load() {
    return load(TraceOptions.ALL);
  }

  Trace load(TraceOptions options) {
    return Trace.load(reader(), options);
  }

  TraceReader reader() {
    var iterator = rows.iterator();
    return new TraceReader() {
      @Override
      public boolean next(Request into) {
        if (!iterator.hasNext()) {
          return false;
        }
        Row row = iterator.next();
        into.clear();
        into.set(row.timeMillis, row.input, row.output, row.session, row.turn);
        row.ids.forEach(into::addId);
        return true;
      }

      @Override
      public int blockTokens() {
        return blockTokens;
      }

      @Override
      public String name() {
        return name;
      }

      @Override
      public void close() {}
    };
  }
}
