package org.kvcache.sim.trace;

/** Byte layout of an oracleGeneral record. */
final class OracleGeneral {
  /** {@code uint32}, seconds. */
  static final int TIME = 0;

  /** {@code uint64}. */
  static final int ID = 4;

  /** {@code uint32}, bytes. */
  static final int SIZE = 12;

  /** {@code int64}: 1-based position of the next record with this id, -1 if there is none. */
  static final int NEXT_ACCESS = 16;

  /** Size of a record; records are packed. */
  static final int RECORD_BYTES = 24;

  private OracleGeneral() {}
}
