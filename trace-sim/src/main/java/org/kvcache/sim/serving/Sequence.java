package org.kvcache.sim.serving;

import org.kvcache.BlockKeys;
import org.kvcache.BlockTable;

/** One request on its replica, from arrival to its last token. */
final class Sequence {

  /** What it waits for. */
  enum State {
    WAITING,
    RESTORING,
    PREFILL,
    DECODE
  }

  final int request;
  final int inputTokens;

  /** Tokens to generate, at least one: the end of the prompt's computation gives the first. */
  final int wantedTokens;

  final BlockTable table;
  final BlockKeys keys;
  State state = State.WAITING;

  /** Tokens whose keys and values are there. */
  int computed;

  /** Tokens to compute before the answer goes on: prompt, and what was generated before. */
  int target;

  int generated;

  /** Of block diffusion: passes over the open block so far. */
  int step;

  /** Of retrieval: when the set of the open block is on the GPU. */
  double selectedAt;

  /** When the blocks that are on their way will be there. */
  double restoredAt;

  /** When the last token left; the arrival before there is one. */
  double lastToken;

  /** Tokens swapped out to the host. */
  int swapped;

  /** Of retrieval: tokens of GPU memory that are set aside for it. */
  double heldTokens;

  Sequence(int request, int inputTokens, int wantedTokens, BlockTable table, BlockKeys keys) {
    this.request = request;
    this.inputTokens = inputTokens;
    this.wantedTokens = wantedTokens;
    this.table = table;
    this.keys = keys;
    target = inputTokens;
  }

  boolean finished() {
    return generated >= wantedTokens;
  }
}
