package org.kvcache;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 (FIPS 180-4) of the JDK. */
final class Sha256Digest implements BlockDigest {

  private static final int BYTES = 32;

  private final MessageDigest sha256;

  Sha256Digest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java runtime has no SHA-256", e);
    }
  }

  @Override
  public int bytes() {
    return BYTES;
  }

  @Override
  public void digest(byte[] message, int length, byte[] into) {
    sha256.update(message, 0, length);
    try {
      sha256.digest(into, 0, BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException("SHA-256 did not write its 32 bytes", e);
    }
  }

  @Override
  public BlockDigest fresh() {
    return new Sha256Digest();
  }
}
