package org.kvcache.offload.device;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kvcache.ByteSize;

/**
 * How long transfers take: one after the other, each a fixed time and a time for its bytes.
 *
 * @param bytesPerSecond infinite where bytes take no time of their own
 * @param latencyNanos fixed time of a transfer
 */
record Link(double bytesPerSecond, long latencyNanos) {

  /** Takes no time but that of the copy. */
  static final Link FREE = new Link(Double.POSITIVE_INFINITY, 0);

  private static final Pattern OPTIONS =
      Pattern.compile("([^/+]+)/s(?:\\+(\\d{1,9}(?:\\.\\d{1,9})?)(ns|us|ms))?");

  /**
   * Reads {@code 25GB/s} or {@code 25GB/s+10us}; nothing is {@link #FREE}.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  static Link parse(String options) {
    if (options.isEmpty()) {
      return FREE;
    }
    Matcher match = OPTIONS.matcher(options);
    BigDecimal bytes =
        match.matches() ? ByteSize.parse(match.group(1)).orElse(BigDecimal.ZERO) : BigDecimal.ZERO;
    if (bytes.signum() <= 0) {
      throw new IllegalArgumentException(
          "device host: '%s' is no link; give bytes a second and, if wanted, the time that each"
                  .formatted(options)
              + " transfer takes beside them, as in host:25GB/s or host:25GB/s+10us");
    }
    double latency = match.group(2) == null ? 0 : Double.parseDouble(match.group(2));
    return new Link(bytes.doubleValue(), Math.round(latency * unit(match.group(3))));
  }

  private static double unit(@Nullable String name) {
    return switch (name) {
      case "ms" -> 1e6;
      case "us" -> 1e3;
      case null, default -> 1;
    };
  }

  /** Time that a transfer has the link for itself. */
  long nanos(long bytes) {
    return latencyNanos + (long) Math.ceil(bytes / bytesPerSecond * 1e9);
  }
}
