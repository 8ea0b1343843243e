package org.kvcache.sim.trace;

import org.jspecify.annotations.Nullable;

/** What every JSON record of a prefix trace must satisfy beyond the types of its fields. */
final class ChainRules {
  private final int blockTokens;
  private final ArrivalOrder order = new ArrivalOrder();

  ChainRules(int blockTokens) {
    this.blockTokens = blockTokens;
  }

  int blockTokens() {
    return blockTokens;
  }

  /** Fails if the time, in the file's unit, is before that of the record before. */
  void checkTime(JsonRecords json, double time) {
    @Nullable String problem = order.problem("timestamp", time);
    if (problem != null) {
      throw json.error(problem);
    }
  }

  /** Fails if the prompt is too short for so many blocks; fewer blocks than tokens are legal. */
  void checkBlocks(JsonRecords json, String field, long blocks, int inputTokens) {
    long most = ((long) inputTokens + blockTokens - 1) / blockTokens;
    if (blocks > most) {
      throw json.error(
          "field '"
              + field
              + "' lists "
              + blocks
              + " blocks but 'input_length' "
              + inputTokens
              + " fills at most "
              + most
              + " of "
              + blockTokens
              + " tokens; if blocks have another size, say so with FORMAT,block=N:FILE");
    }
  }

  /** Fails if a record states another block size than the trace has. */
  void checkBlockSize(JsonRecords json, String field) {
    long stated = json.whole(field, 1, 1 << 24);
    if (stated != blockTokens) {
      throw json.wrong(
          field,
          "differs from the "
              + blockTokens
              + " tokens per block of this trace; split the file, or name one size with"
              + " FORMAT,block=N:FILE");
    }
  }
}
