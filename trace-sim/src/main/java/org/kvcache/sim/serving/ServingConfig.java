package org.kvcache.sim.serving;

import java.util.List;
import java.util.OptionalDouble;
import org.kvcache.ByteSize;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.PassModel;

/**
 * What serves.
 *
 * @param label how reports call it
 * @param model the model, with keys and values in the bits of their scheme
 * @param device the machine
 * @param gpus GPUs that share each layer of a replica
 * @param replicas copies of the model, each with a cache of its own
 * @param routing which replica gets a request
 * @param policy eviction policy of all tiers
 * @param decoding how answers are made
 * @param batching how passes are filled
 * @param cacheBytes keys and values of a replica on its GPUs (on the host for {@link
 *     Decoding.Herald}); all that is left of the memory if empty
 * @param tiers lower tiers from near to far, each place at most once
 */
public record ServingConfig(
    String label,
    ModelShape model,
    Hardware device,
    int gpus,
    int replicas,
    Routing routing,
    String policy,
    Decoding decoding,
    Batching batching,
    OptionalDouble cacheBytes,
    List<TierSize> tiers) {

  /** Slots that a manager is asked for at most. */
  static final int MOST_SLOTS = 1 << 27;

  private static final double HOST_MEMORY_SHARE = 0.9;

  /** Checks what does not depend on the trace. */
  public ServingConfig {
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas is " + replicas + "; 1 is the least");
    }
    tiers = List.copyOf(tiers);
    for (int i = 1; i < tiers.size(); i++) {
      if (tiers.get(i).place().compareTo(tiers.get(i - 1).place()) <= 0) {
        throw new IllegalArgumentException(
            "tiers must go from near to far, each place once: host, disk, remote");
      }
    }
    if (decoding instanceof Decoding.Herald && !tiers.isEmpty()) {
      throw new IllegalArgumentException(
          "with retrieval the whole cache is on the host already; leave out the tiers");
    }
  }

  /** One replica of a model on one GPU, all else as servers have it. */
  public static ServingConfig of(ModelShape model, Hardware device, String policy) {
    Decoding decoding =
        model.blockDiffusion() ? new Decoding.BlockDiffusion(32, 20) : new Decoding.TokenByToken();
    return new ServingConfig(
        policy,
        model,
        device,
        1,
        1,
        Routing.PREFIX,
        policy,
        decoding,
        Batching.DEFAULT,
        OptionalDouble.empty(),
        List.of());
  }

  /** The passes of a replica. */
  public PassModel passes() {
    return new PassModel(model, device, gpus);
  }

  /**
   * Bytes of a replica that keys and values may take: on its GPUs, on the host with retrieval.
   *
   * @throws IllegalArgumentException if the model does not fit its GPUs; one sentence with the
   *     numbers
   */
  public double roomBytes() {
    double free = passes().freeBytes();
    if (free <= 0) {
      throw new IllegalArgumentException(
          "%s takes %s in %s bits; %d x %s has %s of %s for weights and cache: use more GPUs for each replica, a device with more memory, or weights in fewer bits"
              .formatted(
                  model.name(),
                  ByteSize.format(model.weightBytes()),
                  number(model.weightBits()),
                  gpus,
                  device.name(),
                  ByteSize.format(free + model.weightBytes()),
                  ByteSize.format(gpus * device.gpu().memory())));
    }
    return decoding instanceof Decoding.Herald ? device.host().memory() * HOST_MEMORY_SHARE : free;
  }

  /**
   * Slots of a replica for blocks of so many tokens.
   *
   * @throws IllegalArgumentException if the cache does not fit or holds no block; one sentence with
   *     the numbers
   */
  public int slots(int blockTokens) {
    double room = roomBytes();
    double bytes = cacheBytes.orElse(room);
    if (bytes > room) {
      throw new IllegalArgumentException(
          "a cache of %s does not fit: %d x %s has %s for it %s; give less or leave it out"
              .formatted(
                  ByteSize.format(bytes),
                  gpus,
                  device.name(),
                  ByteSize.format(room),
                  decoding instanceof Decoding.Herald
                      ? "on the host"
                      : "beside %s of weights".formatted(ByteSize.format(model.weightBytes()))));
    }
    double slots = Math.floor(bytes / blockBytes(blockTokens));
    if (!(slots >= 1)) {
      throw new IllegalArgumentException(
          "a cache of %s holds no block of %d tokens, which takes %s; give more"
              .formatted(
                  ByteSize.format(bytes), blockTokens, ByteSize.format(blockBytes(blockTokens))));
    }
    return (int) Math.min(slots, MOST_SLOTS);
  }

  /** Bytes of a block in all layers. */
  public double blockBytes(int blockTokens) {
    return blockTokens * model.kvBytesPerToken();
  }

  /** The same with so many replicas. */
  public ServingConfig withReplicas(int count) {
    return new ServingConfig(
        label, model, device, gpus, count, routing, policy, decoding, batching, cacheBytes, tiers);
  }

  /** The same with a cache of so many bytes. */
  public ServingConfig withCacheBytes(double bytes) {
    return new ServingConfig(
        label,
        model,
        device,
        gpus,
        replicas,
        routing,
        policy,
        decoding,
        batching,
        OptionalDouble.of(bytes),
        tiers);
  }

  /** The same under another eviction policy, by whose name it is called. */
  public ServingConfig withPolicy(String name) {
    return new ServingConfig(
        name, model, device, gpus, replicas, routing, name, decoding, batching, cacheBytes, tiers);
  }

  /** The same with another model, or other bits of its keys and values. */
  public ServingConfig withModel(ModelShape other) {
    return new ServingConfig(
        label,
        other,
        device,
        gpus,
        replicas,
        routing,
        policy,
        decoding,
        batching,
        cacheBytes,
        tiers);
  }

  /** The same on so many GPUs for each replica, and requests shared out in another way. */
  public ServingConfig withGpus(int count, Routing way) {
    return new ServingConfig(
        label, model, device, count, replicas, way, policy, decoding, batching, cacheBytes, tiers);
  }

  /** The same under another name. */
  public ServingConfig withLabel(String name) {
    return new ServingConfig(
        name,
        model,
        device,
        gpus,
        replicas,
        routing,
        policy,
        decoding,
        batching,
        cacheBytes,
        tiers);
  }

  /** The same with answers made in another way. */
  public ServingConfig withDecoding(Decoding other) {
    return new ServingConfig(
        label, model, device, gpus, replicas, routing, policy, other, batching, cacheBytes, tiers);
  }

  /** The same with passes filled in another way. */
  public ServingConfig withBatching(Batching other) {
    return new ServingConfig(
        label, model, device, gpus, replicas, routing, policy, decoding, other, cacheBytes, tiers);
  }

  /** The same with these lower tiers. */
  public ServingConfig withTiers(List<TierSize> others) {
    return new ServingConfig(
        label,
        model,
        device,
        gpus,
        replicas,
        routing,
        policy,
        decoding,
        batching,
        cacheBytes,
        others);
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
