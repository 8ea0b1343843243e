package org.kvcache.sim.trace;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Fingerprint of a decoded trace. It covers columns and prefix structure but not the numbers a file
 * uses for its blocks, so that a trace keeps its digest under compression and conversion.
 */
final class TraceDigest {
  private static final int HEX_DIGITS = 16;
  private static final int MAX_RECORD_BYTES = 40;

  private final MessageDigest sha;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 13).order(ByteOrder.LITTLE_ENDIAN);

  TraceDigest(int blockTokens) {
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    buffer.putInt(blockTokens);
  }

  /**
   * Adds a request: its known prefix ends in {@code branch} and {@code added} new blocks follow,
   * which together with the order of requests determines every block.
   */
  void add(Request request, int branch, int added) {
    if (buffer.remaining() < MAX_RECORD_BYTES) {
      drain();
    }
    buffer.putDouble(request.timeMillis);
    put(request.inputTokens);
    put(request.outputTokens);
    put(request.session);
    put(request.turn);
    put(branch);
    put(added);
  }

  /** The digest in hexadecimal; call once. */
  String finish() {
    drain();
    return HexFormat.of().formatHex(sha.digest()).substring(0, HEX_DIGITS);
  }

  /** Seven bits a byte, so that short records cost little hashing; -1 is the least value. */
  private void put(int value) {
    int rest = value + 1;
    for (; (rest & ~0x7f) != 0; rest >>>= 7) {
      buffer.put((byte) (rest | 0x80));
    }
    buffer.put((byte) rest);
  }

  private void drain() {
    sha.update(buffer.flip());
    buffer.clear();
  }
}
