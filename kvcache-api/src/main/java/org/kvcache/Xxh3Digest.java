package org.kvcache;

import net.openhft.hashing.LongTupleHashFunction;

/** XXH3-128 with seed 0, in its canonical form: the high half first, big-endian. */
final class Xxh3Digest implements BlockDigest {

  private static final int BYTES = 16;
  private static final LongTupleHashFunction XXH3_128 = LongTupleHashFunction.xx128();

  // The function leaves the low half at index 0.
  private final long[] halves = XXH3_128.newResultArray();

  @Override
  public int bytes() {
    return BYTES;
  }

  @Override
  public void digest(byte[] message, int length, byte[] into) {
    XXH3_128.hashBytes(message, 0, length, halves);
    ByteSink.putLong(into, 0, halves[1]);
    ByteSink.putLong(into, Long.BYTES, halves[0]);
  }

  @Override
  public BlockDigest fresh() {
    return new Xxh3Digest();
  }
}
