package org.kvcache.offload;

import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kvcache.ByteSize;
import org.kvcache.spi.TierProvider;
import org.kvcache.spi.TierSpec;
import org.kvcache.spi.TierSpec.StoreWhen;

/**
 * {@link DiskTier} in configuration files. Fields: {@code path}, {@code bytes} (as {@code 64GiB}),
 * and if wanted {@code policy}, {@code segment} (as {@code 256MiB}) and {@code when} ({@code
 * committed} or {@code evicted}).
 */
public final class DiskTierProvider implements TierProvider {

  private static final List<String> FIELDS = List.of("path", "bytes", "policy", "segment", "when");

  /** Called by {@link java.util.ServiceLoader}. */
  public DiskTierProvider() {}

  @Override
  public String name() {
    return DiskTier.NAME;
  }

  @Override
  public String summary() {
    return "append-only files on a local disk, kept over restarts";
  }

  @Override
  public TierSpec spec(Map<String, String> settings) {
    for (String field : settings.keySet()) {
      if (!FIELDS.contains(field)) {
        throw new IllegalArgumentException(
            "disk tier: unknown field '%s'; known: %s".formatted(field, String.join(", ", FIELDS)));
      }
    }
    TierSpec spec =
        DiskTier.at(
            path(required(settings, "path")),
            bytes("bytes", required(settings, "bytes")),
            settings.getOrDefault("policy", DiskTier.DEFAULT_POLICY),
            segment(settings.get("segment")));
    return spec.storing(when(settings.getOrDefault("when", "committed")));
  }

  private static String required(Map<String, String> settings, String field) {
    String value = settings.get(field);
    if (value == null) {
      throw new IllegalArgumentException("disk tier: field '" + field + "' is missing");
    }
    return value;
  }

  private static Path path(String value) {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("disk tier: field 'path' is no path: " + value, e);
    }
  }

  private static long segment(@Nullable String value) {
    return value == null ? 0 : bytes("segment", value);
  }

  private static long bytes(String field, String value) {
    BigDecimal bytes = ByteSize.parse(value).orElse(BigDecimal.ZERO);
    if (bytes.signum() <= 0 || bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(
          "disk tier: field '%s' must be an amount like 64GiB, not '%s'".formatted(field, value));
    }
    return bytes.longValue();
  }

  private static StoreWhen when(String value) {
    return switch (value) {
      case "committed" -> StoreWhen.COMMITTED;
      case "evicted" -> StoreWhen.EVICTED;
      default ->
          throw new IllegalArgumentException(
              "disk tier: field 'when' must be committed or evicted, not '" + value + "'");
    };
  }
}
