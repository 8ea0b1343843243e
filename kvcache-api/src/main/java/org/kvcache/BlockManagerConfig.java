package org.kvcache;

import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

/**
 * What a {@link BlockManager} manages and how.
 *
 * @param slots blocks that fit, 1 or more
 * @param blockTokens tokens of a block, 1 or more
 * @param policy who goes
 * @param watermark share of the slots that a new sequence must leave free or evictable, so that the
 *     running ones can grow; 0 to below 1
 * @param demotionUses a block is offered to a lower tier when at least this many sequences used it;
 *     0 switches demotion off
 * @param whatIf whether {@link BlockManagerStats#whatIf} is kept up
 * @param seed of everything random in policies
 * @param clockMillis the time for retention, in milliseconds from any origin
 * @param medium where the slots are, for events: {@code GPU} or {@code CPU}
 */
public record BlockManagerConfig(
    int slots,
    int blockTokens,
    PolicySpec policy,
    double watermark,
    int demotionUses,
    boolean whatIf,
    long seed,
    LongSupplier clockMillis,
    String medium) {

  /** Checks the numbers. */
  public BlockManagerConfig {
    if (slots < 1) {
      throw new IllegalArgumentException("slots is " + slots + "; at least 1 is needed");
    }
    if (blockTokens < 1) {
      throw new IllegalArgumentException(
          "blockTokens is " + blockTokens + "; at least 1 is needed");
    }
    Objects.requireNonNull(policy);
    if (!(watermark >= 0 && watermark < 1)) {
      throw new IllegalArgumentException(
          "watermark is " + watermark + "; it is a share of the slots, from 0 to below 1");
    }
    if (demotionUses < 0) {
      throw new IllegalArgumentException("demotionUses is " + demotionUses + "; 0 switches it off");
    }
    Objects.requireNonNull(clockMillis);
    Objects.requireNonNull(medium);
  }

  /** A builder with the defaults: 16 tokens a block, policy {@code adaptive}, a what-if curve. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of a {@link BlockManagerConfig}. */
  public static final class Builder {
    private int slots;
    private int blockTokens = 16;
    private String policyName = "adaptive";
    private @Nullable PolicySpec policy;
    private double watermark;
    private int demotionUses;
    private boolean whatIf = true;
    private long seed;
    private LongSupplier clockMillis = () -> System.nanoTime() / 1_000_000;
    private String medium = "GPU";

    private Builder() {}

    /** Blocks that fit. */
    public Builder slots(int value) {
      slots = value;
      return this;
    }

    /** Tokens of a block. */
    public Builder blockTokens(int value) {
      blockTokens = value;
      return this;
    }

    /** The policy by name, looked up when the configuration is built. */
    public Builder policy(String name) {
      policyName = Objects.requireNonNull(name);
      policy = null;
      return this;
    }

    /** The policy itself. */
    public Builder policy(PolicySpec value) {
      policy = Objects.requireNonNull(value);
      return this;
    }

    /** Share of the slots that a new sequence must leave. */
    public Builder watermark(double value) {
      watermark = value;
      return this;
    }

    /** Uses that make a block worth demoting; 0 for none. */
    public Builder demotionUses(int value) {
      demotionUses = value;
      return this;
    }

    /** Whether to keep the what-if curve. */
    public Builder whatIf(boolean value) {
      whatIf = value;
      return this;
    }

    /** The seed. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** The clock for retention. */
    public Builder clockMillis(LongSupplier value) {
      clockMillis = Objects.requireNonNull(value);
      return this;
    }

    /** Where the slots are, for events. */
    public Builder medium(String value) {
      medium = Objects.requireNonNull(value);
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException naming the value that makes no sense
     */
    public BlockManagerConfig build() {
      PolicySpec spec = policy == null ? PolicyCatalog.named(policyName) : policy;
      return new BlockManagerConfig(
          slots, blockTokens, spec, watermark, demotionUses, whatIf, seed, clockMillis, medium);
    }
  }
}
