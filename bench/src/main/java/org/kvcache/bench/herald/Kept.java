package org.kvcache.bench.herald;

/**
 * How much of the attention to the prefix choices kept.
 *
 * @param shares sum of the shares, one for each step, layer and KV head
 * @param count how many
 * @param asked tokens whose queries were scored
 * @param choices that they were scored for
 */
record Kept(double shares, long count, double asked, long choices) {

  static final Kept NONE = new Kept(0, 0, 0, 0);

  Kept plus(Kept other) {
    return new Kept(
        shares + other.shares, count + other.count, asked + other.asked, choices + other.choices);
  }

  /** The mean share. */
  double share() {
    return shares / count;
  }

  /** Tokens asked for a choice. */
  double meanAsked() {
    return asked / choices;
  }
}
