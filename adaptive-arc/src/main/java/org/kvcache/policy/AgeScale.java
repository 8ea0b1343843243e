package org.kvcache.policy;

/**
 * Ages on a logarithmic scale, four buckets to the octave: exact below 4, within 25 % above. Ages
 * beyond the last bucket count as the last.
 */
final class AgeScale {

  private static final int PER_OCTAVE = 4;
  private static final int BITS = 2;

  private final int buckets;

  /** A scale that tells ages up to {@code oldest} apart. */
  AgeScale(long oldest) {
    buckets = unclamped(oldest) + 1;
  }

  int buckets() {
    return buckets;
  }

  int bucket(long age) {
    return Math.min(unclamped(age), buckets - 1);
  }

  private static int unclamped(long age) {
    if (age < PER_OCTAVE) {
      return (int) age;
    }
    int shift = 63 - BITS - Long.numberOfLeadingZeros(age);
    return (shift + 1) * PER_OCTAVE + ((int) (age >>> shift) & (PER_OCTAVE - 1));
  }

  /** The smallest age in {@code bucket}. */
  static long start(int bucket) {
    if (bucket < PER_OCTAVE) {
      return bucket;
    }
    int shift = bucket / PER_OCTAVE - 1;
    return (long) (PER_OCTAVE + bucket % PER_OCTAVE) << shift;
  }

  /** Ages that fall into {@code bucket}. */
  static long width(int bucket) {
    return start(bucket + 1) - start(bucket);
  }
}
