package org.kvcache.offload;

import java.nio.file.Path;
import java.util.Objects;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.TierSpec;
import org.kvcache.spi.TierSpec.StoreWhen;

/**
 * A tier on a local disk. Blocks lie in append-only files below a path, each with its key, length
 * and checksum; they are there again after a restart, and after {@code kill -9} all that were
 * written.
 *
 * <p>Each space (model, scheme, shape) has a folder and a limit of its own below the path, and each
 * folder has one owner at a time. The JVM needs the flags of Chronicle Bytes; the exception names
 * them when they are missing.
 */
public final class DiskTier {

  /**
   * The policy when none is named: what was stored or loaded last stays. A policy that resists
   * scans may take a long prompt that is stored at once for one, and keep a few blocks of it.
   */
  public static final String DEFAULT_POLICY = "lru";

  static final String NAME = "disk";

  private DiskTier() {}

  /**
   * A tier below {@code directory}, which is made if it is not there, with policy {@value
   * #DEFAULT_POLICY}. It is handed blocks when they are committed; see {@link TierSpec#storing}.
   *
   * @param maxBytes bytes on disk at most, dead records and room to compact included
   * @throws IllegalArgumentException if {@code maxBytes} is not positive; what does not suit the
   *     blocks is found when the tier is opened
   */
  public static TierSpec at(Path directory, long maxBytes) {
    return at(directory, maxBytes, DEFAULT_POLICY, 0);
  }

  /**
   * The same, with another policy or size of files.
   *
   * @param policy who goes when it is full, by name; see {@link PolicyCatalog}. Chains are not
   *     guarded here: a leaf-first policy sees flat keys
   * @param segmentBytes bytes of a file, rounded up to whole pages and to one block at least; 0 for
   *     a hundredth of {@code maxBytes} or so. A directory keeps the size that it was begun with
   */
  public static TierSpec at(Path directory, long maxBytes, String policy, long segmentBytes) {
    Objects.requireNonNull(directory);
    if (maxBytes <= 0 || segmentBytes < 0) {
      throw new IllegalArgumentException(
          "a disk tier takes more than 0 bytes and segments of 0 or more, not %d and %d"
              .formatted(maxBytes, segmentBytes));
    }
    PolicySpec spec = PolicyCatalog.named(policy);
    return new TierSpec(
        NAME,
        StoreWhen.COMMITTED,
        context ->
            SegmentTier.open(directory, maxBytes, segmentBytes, spec, context, System::nanoTime));
  }
}
