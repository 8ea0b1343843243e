package org.kvcache.manager;

/** One call with arguments that the twin fits to its state. */
record Command(Kind kind, int table, int other, int number, String path) {

  enum Kind {
    SERVE,
    BEGIN,
    MATCH,
    ALLOCATE,
    COMMIT,
    COMMIT_OTHER,
    RELEASE,
    FORK,
    TRUNCATE,
    REOPEN,
    RETAIN,
    WAIT,
    PIN,
    CLOSE,
    CLEAR
  }
}
