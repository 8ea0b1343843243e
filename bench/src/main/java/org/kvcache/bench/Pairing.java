package org.kvcache.bench;

import java.util.Arrays;
import java.util.List;

/** A policy that the Caffeine simulator has too, and how alike the hits have to be. */
enum Pairing {
  LRU("lru", 0, ""),
  FIFO("fifo", 0, ""),
  ARC("arc", 0.01, "Caffeine keeps p as an integer, ours and the paper as a real number"),
  SIEVE("sieve", 0, ""),
  S3_FIFO(
      "s3-fifo", 0.01, "Caffeine evicts from the small queue first, ours from main if too long"),
  TWO_QUEUE("2q", 0, ""),
  LIRS("lirs", 0.01, "the bounds on ghosts differ"),
  W_TINYLFU(
      "w-tinylfu", 0.3, "ours counts in 64 counters per slot, Caffeine in one: fewer collisions"),
  OPT("opt", 0.03, "Caffeine's may throw the incoming block out at once, ours has to keep it");

  private final String label;
  private final double tolerance;
  private final String note;

  Pairing(String label, double tolerance, String note) {
    this.label = label;
    this.tolerance = tolerance;
    this.note = note;
  }

  /** Our name. */
  String label() {
    return label;
  }

  /** Why the hits may differ; empty if they must not. */
  String note() {
    return note;
  }

  /** How far apart the hits may be, as a share of the peer's; 0 if the algorithm is the same. */
  double tolerance() {
    return tolerance;
  }

  /** Whether these hits are as alike as they should be. */
  boolean accepts(long ours, long theirs) {
    return Math.abs(ours - theirs) <= tolerance * theirs;
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(Pairing::label).toList();
  }

  /**
   * The pairing of a policy.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Pairing of(String label) {
    return Arrays.stream(values())
        .filter(pairing -> pairing.label.equals(label))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "policy '%s' has no peer in the Caffeine simulator; these have: %s"
                    .formatted(label, String.join(", ", labels()))));
  }
}
