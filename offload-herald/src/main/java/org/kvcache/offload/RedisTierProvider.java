package org.kvcache.offload;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.kvcache.ByteSize;
import org.kvcache.spi.TierProvider;
import org.kvcache.spi.TierSpec;
import org.kvcache.spi.TierSpec.StoreWhen;

/** {@link RedisTier} under the name {@code redis}. */
public final class RedisTierProvider implements TierProvider {

  private static final String FIELDS = "uri, cluster, timeout, ttl, retry, batch, prefix, when";
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9}) ?(ms|s|min|h|d)");

  /** For the service loader. */
  public RedisTierProvider() {}

  @Override
  public String name() {
    return RedisTier.NAME;
  }

  @Override
  public String summary() {
    return "Redis or Valkey, one server or a cluster, shared by processes";
  }

  /**
   * A tier in Redis from text. Fields: {@code uri} (required; several with commas are nodes of a
   * cluster), {@code cluster} ({@code true} or {@code false}), {@code timeout}, {@code ttl} and
   * {@code retry} (as in {@code 100ms}, {@code 12h}), {@code batch} (as in {@code 4MiB}), {@code
   * prefix} of keys, and {@code when} ({@code committed} or {@code evicted}).
   */
  @Override
  public TierSpec spec(Map<String, String> settings) {
    var fields = new TreeMap<>(settings);
    String uri = fields.remove("uri");
    if (uri == null) {
      throw new IllegalArgumentException(
          "The field 'uri' of a redis tier is missing; write redis://host:port");
    }
    RedisTier.Builder tier = RedisTier.builder(uri.split(",", -1));
    String when = fields.remove("when");
    fields.forEach((field, value) -> set(tier, field, value));
    return when == null ? tier.build() : tier.build().storing(storeWhen(when));
  }

  private static void set(RedisTier.Builder tier, String field, String value) {
    try {
      switch (field) {
        case "cluster" -> tier.cluster(truth(value));
        case "timeout" -> tier.timeout(duration(value));
        case "ttl" -> tier.timeToLive(duration(value));
        case "retry" -> tier.retryAfter(duration(value));
        case "batch" -> tier.batchBytes(bytes(value));
        case "prefix" -> tier.keyPrefix(value);
        default -> throw new IllegalArgumentException("unknown; known: " + FIELDS);
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw wrong(field, "" + e.getMessage(), e);
    }
  }

  private static StoreWhen storeWhen(String value) {
    try {
      return StoreWhen.valueOf(value.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      String known =
          Arrays.stream(StoreWhen.values())
              .map(when -> when.name().toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(" or "));
      throw wrong("when", "write " + known + ", not '" + value + "'", e);
    }
  }

  private static boolean truth(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("write true or false, not '" + value + "'");
    };
  }

  private static long bytes(String value) {
    return ByteSize.parse(value)
        .orElseThrow(
            () -> new IllegalArgumentException("write bytes as in 4MiB, not '" + value + "'"))
        .longValueExact();
  }

  private static Duration duration(String value) {
    Matcher match = DURATION.matcher(value);
    if (!match.matches()) {
      throw new IllegalArgumentException("write a time as in 100ms or 12h, not '" + value + "'");
    }
    long count = Long.parseLong(match.group(1));
    return switch (match.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "min" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  private static IllegalArgumentException wrong(String field, String why, Exception cause) {
    return new IllegalArgumentException(
        "Field '%s' of a redis tier: %s".formatted(field, why), cause);
  }
}
