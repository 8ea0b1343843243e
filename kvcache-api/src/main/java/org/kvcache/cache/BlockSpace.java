package org.kvcache.cache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.kvcache.BlockKey;
import org.kvcache.HeadCalibration;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvShape;
import org.kvcache.spi.SchemeSpec;

/** The name of everything that makes the bytes of a block usable by another cache. */
final class BlockSpace {

  private static final int VERSION = 1;

  private BlockSpace() {}

  /** One line of text, equal for caches that may use each other's blocks. */
  static String describe(KvCacheConfig config, CodecTable codecs) {
    KvShape shape = config.shape();
    SchemeSpec scheme = codecs.codec(0).scheme();
    return "kvcache/%d model=%s shape=%dx%dx%d block=%d scheme=%s K=%s%s V=%s%s bytes=%d basis=%s"
        .formatted(
            VERSION,
            config.model(),
            shape.layers(),
            shape.kvHeads(),
            shape.headDim(),
            config.blockTokens(),
            scheme.name(),
            scheme.keys(),
            scheme.rotateKeys() ? "/rotated" : "",
            scheme.values(),
            scheme.rotateValues() ? "/rotated" : "",
            codecs.frameBytes(),
            basis(config, codecs));
  }

  private static String basis(KvCacheConfig config, CodecTable codecs) {
    if (config.calibration() == null) {
      return "none";
    }
    MessageDigest digest = sha256();
    KvShape shape = config.shape();
    for (int layer = 0; layer < shape.layers(); layer++) {
      for (int head = 0; head < shape.kvHeads(); head++) {
        HeadCalibration of = codecs.codec(codecs.indexOf(layer, head)).calibration();
        update(digest, of.mean());
        update(digest, of.scale());
        update(digest, of.signs());
        update(digest, new float[] {of.valueScale()});
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, float[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Float.BYTES);
    bytes.asFloatBuffer().put(numbers);
    digest.update(bytes);
  }

  /** The name as a key: the last 16 bytes of its SHA-256. */
  static BlockKey key(String description) {
    byte[] hash = sha256().digest(description.getBytes(StandardCharsets.UTF_8));
    ByteBuffer tail = ByteBuffer.wrap(hash, hash.length - 16, 16);
    return new BlockKey(tail.getLong(), tail.getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK lacks SHA-256", e);
    }
  }
}
