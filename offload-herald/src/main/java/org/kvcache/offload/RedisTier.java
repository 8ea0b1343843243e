package org.kvcache.offload;

import static java.util.Objects.requireNonNull;

import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.kvcache.ByteSize;
import org.kvcache.spi.TierContext;
import org.kvcache.spi.TierSpec;
import org.kvcache.spi.TierSpec.StoreWhen;

/**
 * A tier in Redis or Valkey, one server or a cluster, that any number of processes share.
 *
 * <pre>{@code
 * RedisTier.at("redis://10.0.0.7:6379")
 * RedisTier.builder("redis://10.0.0.7:6379", "redis://10.0.0.8:6379")
 *     .timeToLive(Duration.ofHours(12)).build()
 * }</pre>
 *
 * <p>A block is a string value: a header with key, space, length and CRC-32C, then the encoded
 * bytes. What to evict is the server's decision: set its {@code maxmemory-policy}, {@code
 * allkeys-lru} for instance. A server that is down, slow or full makes misses; it is left alone for
 * a while after three failures in five calls, and tried again without end. Everybody who can write
 * to the server is trusted not to forge blocks.
 */
public final class RedisTier {

  static final String NAME = "redis";

  private static final long LARGEST_VALUE = 512L << 20;

  private RedisTier() {}

  /**
   * One server with the default settings; blocks go there when they are committed.
   *
   * @param uri {@code redis://[user:password@]host[:port][/database]}, or {@code rediss://} for TLS
   * @throws IllegalArgumentException if it is no such address
   */
  public static TierSpec at(String uri) {
    return builder(uri).build();
  }

  /**
   * Settings to change before {@link Builder#build}.
   *
   * @param uris one server, or several nodes of one cluster
   * @throws IllegalArgumentException if there is none, or if one is no address of a server
   */
  public static Builder builder(String... uris) {
    return new Builder(uris);
  }

  /** Settings of a tier in Redis. Not thread-safe. */
  public static final class Builder {

    private final List<RedisURI> uris;
    private boolean cluster;
    private Duration timeout = Duration.ofMillis(100);
    private Duration timeToLive = Duration.ZERO;
    private Duration retryAfter = Duration.ofSeconds(1);
    private long batchBytes = ByteSize.mib(1);
    private String keyPrefix = "kvcache:";

    private Builder(String... uris) {
      if (uris.length == 0) {
        throw new IllegalArgumentException("A Redis tier needs an address: redis://host:port");
      }
      this.uris = Stream.of(uris).map(Builder::parse).toList();
      cluster = uris.length > 1;
    }

    private static RedisURI parse(String uri) {
      try {
        return RedisURI.create(uri.strip());
      } catch (IllegalArgumentException e) {
        // The cause would repeat the address and with it a password.
        throw new IllegalArgumentException(
            "Not the address of a Redis server: %s; write redis://host:port"
                .formatted(uri.replaceFirst("//.*@", "//...@")));
      }
    }

    /**
     * Whether the addresses are nodes of a cluster; several always are.
     *
     * @throws IllegalArgumentException if there are several addresses and {@code value} is false
     */
    public Builder cluster(boolean value) {
      if (!value && uris.size() > 1) {
        throw new IllegalArgumentException(
            uris.size() + " addresses are nodes of a cluster; give one, or leave cluster true");
      }
      cluster = value;
      return this;
    }

    /**
     * How long one batch of requests may take, 100 ms by default; must be enough for {@link
     * #batchBytes} to go over the network.
     */
    public Builder timeout(Duration value) {
      timeout = positive("timeout", value);
      return this;
    }

    /** How long a stored block stays; by default as long as the server keeps it. */
    public Builder timeToLive(Duration value) {
      timeToLive = positive("time to live", value);
      return this;
    }

    /** How long a server that failed is left alone before it is tried again, 1 s by default. */
    public Builder retryAfter(Duration value) {
      retryAfter = positive("retry time", value);
      return this;
    }

    /**
     * Bytes of blocks that are asked for or sent at once, 1 MiB by default; at least one block is.
     */
    public Builder batchBytes(long value) {
      if (value <= 0) {
        throw new IllegalArgumentException("A batch has at least one byte, not " + value);
      }
      batchBytes = value;
      return this;
    }

    /**
     * Start of every key, {@code kvcache:} by default. In a cluster a part in braces would put all
     * blocks on one node.
     */
    public Builder keyPrefix(String value) {
      keyPrefix = requireNonNull(value);
      return this;
    }

    /** The tier; blocks go there when they are committed. */
    public TierSpec build() {
      var settings =
          new RedisSettings(uris, cluster, timeout, timeToLive, batchBytes, keyPrefix, retryAfter);
      return new TierSpec(NAME, StoreWhen.COMMITTED, context -> open(settings, context));
    }

    private static RedisBlockTier open(RedisSettings settings, TierContext context) {
      if (BlockRecord.bytes(context.blockBytes()) > LARGEST_VALUE) {
        throw new IllegalArgumentException(
            "A block takes %s and a value in Redis at most %s; use fewer tokens a block"
                .formatted(
                    ByteSize.format((double) context.blockBytes()),
                    ByteSize.format((double) LARGEST_VALUE)));
      }
      return new RedisBlockTier(settings, context);
    }

    private static Duration positive(String what, Duration value) {
      if (value.compareTo(Duration.ofMillis(1)) < 0) {
        throw new IllegalArgumentException(
            "The %s of a Redis tier is at least 1 ms, not %s".formatted(what, value));
      }
      return value;
    }
  }
}
