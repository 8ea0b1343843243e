package org.kvcache.sim.trace;

/** The columns of the requests of a trace, one record each; see {@link RecordLog} for threads. */
final class RequestLog implements AutoCloseable {
  private static final int TIME = 0;
  private static final int LEAF = 8;
  private static final int INPUT = 12;
  private static final int OUTPUT = 16;
  private static final int SESSION = 20;
  private static final int TURN = 24;
  private static final int RECORD_BYTES = 28;

  private final RecordLog log;

  RequestLog(long heapRequests) {
    log = new RecordLog(RECORD_BYTES, heapRequests);
  }

  int size() {
    return (int) log.size();
  }

  void append(Request request, int leaf) {
    long at = log.append();
    log.putDouble(at, TIME, request.timeMillis);
    log.putInt(at, LEAF, leaf);
    log.putInt(at, INPUT, request.inputTokens);
    log.putInt(at, OUTPUT, request.outputTokens);
    log.putInt(at, SESSION, request.session);
    log.putInt(at, TURN, request.turn);
  }

  double timeMillis(int request) {
    return log.getDouble(request, TIME);
  }

  int leaf(int request) {
    return log.getInt(request, LEAF);
  }

  int inputTokens(int request) {
    return log.getInt(request, INPUT);
  }

  int outputTokens(int request) {
    return log.getInt(request, OUTPUT);
  }

  int session(int request) {
    return log.getInt(request, SESSION);
  }

  int turn(int request) {
    return log.getInt(request, TURN);
  }

  @Override
  public void close() {
    log.close();
  }
}
