package org.kvcache;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.TierSpec;

/**
 * What a {@link KvCache} holds and how.
 *
 * @param model name or fingerprint of the model and its weights: blocks of one are never given to
 *     another
 * @param shape layers, heads and dims
 * @param blockTokens tokens of a block
 * @param memoryBytes bytes of block memory, off-heap; decides how many blocks fit
 * @param scheme how K and V are stored, see {@link org.kvcache.spi.CodecCatalog}
 * @param calibration the basis of keys and values, or null for the model's own
 * @param policy who is evicted, see {@link org.kvcache.spi.PolicyCatalog}
 * @param hasher how block keys are made, see {@link BlockHasher#of}
 * @param backend who computes attention, see {@link org.kvcache.spi.AttentionBackend}; {@code auto}
 *     takes the fastest
 * @param windows what the queries of each layer see, by layer; empty if all see everything
 * @param logitScale what logits are multiplied by
 * @param staged keep rows in binary32 until a block is full, so that the engine can write and read
 *     them in place; formats that encode several tokens together are staged anyway
 * @param watermark share of the blocks that a new sequence must leave, see {@link
 *     BlockManagerConfig}
 * @param tiers places for blocks behind memory, near to far
 * @param spareBlocks blocks of the memory that are kept for what is on its way to a tier; 0 without
 *     tiers
 * @param retrieval how denoising blocks attend to a share of the prefix, or null if they see it all
 * @param promotionTimeout how long {@link KvCache#begin} waits for farther tiers at most
 * @param whatIf whether {@link BlockManagerStats#whatIf} is kept up
 * @param leakDetection what is remembered of who opened a sequence
 * @param seed of everything random
 */
public record KvCacheConfig(
    String model,
    KvShape shape,
    int blockTokens,
    long memoryBytes,
    String scheme,
    @Nullable Calibration calibration,
    String policy,
    String hasher,
    String backend,
    List<AttentionWindow> windows,
    float logitScale,
    boolean staged,
    double watermark,
    List<TierSpec> tiers,
    int spareBlocks,
    @Nullable Retrieval retrieval,
    Duration promotionTimeout,
    boolean whatIf,
    LeakDetection leakDetection,
    long seed) {

  /**
   * Checks what can be checked without the plug-ins.
   *
   * @throws IllegalArgumentException naming the value that makes no sense
   */
  public KvCacheConfig {
    windows = List.copyOf(windows);
    tiers = List.copyOf(tiers);
    if (model.isEmpty()) {
      throw new IllegalArgumentException(
          "the model has no name; blocks of different models must not be taken for each other");
    }
    if (blockTokens < 1) {
      throw new IllegalArgumentException(
          "blockTokens is " + blockTokens + "; at least 1 is needed");
    }
    if (memoryBytes < 1) {
      throw new IllegalArgumentException("memory is " + memoryBytes + " bytes; give some");
    }
    if (!windows.isEmpty() && windows.size() != shape.layers()) {
      throw new IllegalArgumentException(
          "%d attention windows for %d layers; give one for each layer, or none"
              .formatted(windows.size(), shape.layers()));
    }
    if (!(logitScale > 0) || logitScale == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "logit scale is " + logitScale + "; it must be finite and above 0");
    }
    if (calibration != null
        && (calibration.layers() != shape.layers() || calibration.kvHeads() != shape.kvHeads())) {
      throw new IllegalArgumentException(
          "the calibration has %d layers of %d KV heads, the model %d of %d"
              .formatted(
                  calibration.layers(), calibration.kvHeads(), shape.layers(), shape.kvHeads()));
    }
    if (calibration != null && calibration.headDim() != shape.headDim()) {
      throw new IllegalArgumentException(
          "the calibration is for a head dim of %d, the model has %d"
              .formatted(calibration.headDim(), shape.headDim()));
    }
    if (spareBlocks < 0) {
      throw new IllegalArgumentException("spareBlocks is " + spareBlocks + "; 0 is the least");
    }
    if (retrieval != null && !windows.isEmpty()) {
      throw new IllegalArgumentException(
          "attention windows and a retrieval; blocks attend to what is chosen, so give one of"
              + " both");
    }
    if (promotionTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "promotion timeout is " + promotionTimeout + "; it cannot be negative");
    }
  }

  /** What the queries of a layer see. */
  public AttentionWindow window(int layer) {
    return windows.isEmpty() ? AttentionWindow.ALL : windows.get(layer);
  }

  /** The basis of one layer and KV head. */
  public HeadCalibration calibration(int layer, int kvHead) {
    return calibration == null
        ? HeadCalibration.identity(shape.headDim())
        : calibration.of(layer, kvHead);
  }

  /**
   * Reads a configuration from JSON, for example {@code {"model": "llama3-8b", "shape": {"layers":
   * 32, "kvHeads": 8, "headDim": 128, "queryHeads": 32}, "memory": "4GiB", "tiers": [{"tier":
   * "disk", "path": "kv", "bytes": "64GiB"}]}}. The fields are the names of the builder's methods.
   *
   * @throws IllegalArgumentException if a field is unknown, missing or wrong, naming file and field
   * @throws java.io.UncheckedIOException if the file cannot be read
   */
  public static KvCacheConfig read(Path json) {
    return KvCacheConfigFile.read(json);
  }

  /**
   * A builder with the defaults: 16 tokens a block, scheme {@code lm16}, policy {@code adaptive}.
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the values of a {@link KvCacheConfig}. */
  public static final class Builder {
    private static final int SPARE_BLOCKS_PER_TIER = 32;

    private String model = "default";
    private @Nullable KvShape shape;
    private int blockTokens = 16;
    private long memoryBytes;
    private String scheme = "lm16";
    private @Nullable Calibration calibration;
    private String policy = "adaptive";
    private String hasher = "sha256";
    private String backend = "auto";
    private List<AttentionWindow> windows = List.of();
    private @Nullable Float logitScale;
    private boolean staged;
    private double watermark;
    private final List<TierSpec> tiers = new ArrayList<>();
    private @Nullable Integer spareBlocks;
    private @Nullable Retrieval retrieval;
    private Duration promotionTimeout = Duration.ofSeconds(2);
    private boolean whatIf;
    private LeakDetection leakDetection = LeakDetection.SAMPLED;
    private long seed;

    private Builder() {}

    /** Name or fingerprint of the model; needed when tiers outlive or are shared by processes. */
    public Builder model(String value) {
      model = Objects.requireNonNull(value);
      return this;
    }

    /** Layers, heads and dims. */
    public Builder shape(KvShape value) {
      shape = Objects.requireNonNull(value);
      return this;
    }

    /** Tokens of a block. */
    public Builder blockTokens(int value) {
      blockTokens = value;
      return this;
    }

    /** Bytes of block memory, see {@link ByteSize#gib}. */
    public Builder memory(long bytes) {
      memoryBytes = bytes;
      return this;
    }

    /** How K and V are stored. */
    public Builder scheme(String value) {
      scheme = Objects.requireNonNull(value);
      return this;
    }

    /** The basis of keys and values. */
    public Builder calibration(Calibration value) {
      calibration = Objects.requireNonNull(value);
      return this;
    }

    /** Who is evicted. */
    public Builder policy(String value) {
      policy = Objects.requireNonNull(value);
      return this;
    }

    /** How block keys are made. */
    public Builder hasher(String value) {
      hasher = Objects.requireNonNull(value);
      return this;
    }

    /** Who computes attention. */
    public Builder backend(String value) {
      backend = Objects.requireNonNull(value);
      return this;
    }

    /** What the queries of each layer see, by layer. */
    public Builder windows(List<AttentionWindow> value) {
      windows = List.copyOf(value);
      return this;
    }

    /** What logits are multiplied by, if not {@code 1/√headDim}. */
    public Builder logitScale(float value) {
      logitScale = value;
      return this;
    }

    /** Whether rows stay in binary32 until their block is full. */
    public Builder staged(boolean value) {
      staged = value;
      return this;
    }

    /** Share of the blocks that a new sequence must leave. */
    public Builder watermark(double value) {
      watermark = value;
      return this;
    }

    /** Adds a tier behind those added before. */
    public Builder tier(TierSpec value) {
      tiers.add(Objects.requireNonNull(value));
      return this;
    }

    /**
     * Blocks kept for what is on its way to a tier; 32 for each tier if not set. With fewer than
     * that, blocks are dropped when a tier is slow, and an append may wait for a tier that stalls.
     */
    public Builder spareBlocks(int value) {
      spareBlocks = value;
      return this;
    }

    /** How denoising blocks attend to a share of the prefix. */
    public Builder retrieval(Retrieval value) {
      retrieval = Objects.requireNonNull(value);
      return this;
    }

    /** How long to wait for farther tiers. */
    public Builder promotionTimeout(Duration value) {
      promotionTimeout = Objects.requireNonNull(value);
      return this;
    }

    /** Whether to keep the what-if curve, which costs some time a block. */
    public Builder whatIf(boolean value) {
      whatIf = value;
      return this;
    }

    /** What to remember of who opened a sequence. */
    public Builder leakDetection(LeakDetection value) {
      leakDetection = Objects.requireNonNull(value);
      return this;
    }

    /** The seed. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * The configuration.
     *
     * @throws IllegalArgumentException naming the value that is missing or makes no sense
     */
    public KvCacheConfig build() {
      if (shape == null) {
        throw new IllegalArgumentException("the shape is missing: shape(KvShape.of(...))");
      }
      return new KvCacheConfig(
          model,
          shape,
          blockTokens,
          memoryBytes,
          scheme,
          calibration,
          policy,
          hasher,
          backend,
          windows,
          logitScale == null ? (float) (1 / Math.sqrt(shape.headDim())) : logitScale,
          staged,
          watermark,
          tiers,
          spareBlocks == null ? SPARE_BLOCKS_PER_TIER * tiers.size() : spareBlocks,
          retrieval,
          promotionTimeout,
          whatIf,
          leakDetection,
          seed);
    }
  }
}
