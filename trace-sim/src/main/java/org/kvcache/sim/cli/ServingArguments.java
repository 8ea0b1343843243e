package org.kvcache.sim.cli;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kvcache.ByteSize;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.KvScheme;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.serving.Batching;
import org.kvcache.sim.serving.Routing;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.spi.PolicyCatalog;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what serves. Lists give every combination, side by side. */
final class ServingArguments {
  @Option(
      names = "--model",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "llama3-8b",
      description = {
        "Models, separated by commas: llama3-8b, llama3-70b, qwen3-8b, qwen3-32b, sdar-8b,"
            + " llada2-mini, ... (a wrong name lists all). Default: ${DEFAULT-VALUE}.",
      })
  private List<String> models = List.of();

  @Option(
      names = "--device",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "h200",
      description = "Machines: h100, h200, mi355x, laptop and your own. Default: ${DEFAULT-VALUE}.")
  private List<String> devices = List.of();

  @Option(
      names = "--scheme",
      split = ",",
      paramLabel = "NAME",
      defaultValue = KvScheme.DEFAULT,
      description = {
        "How keys and values are stored: a scheme or format of 'kvcache schemes' and 'kvcache"
            + " formats', or two, as in fp8+mxfp4. Default: ${DEFAULT-VALUE}.",
      })
  private List<String> schemes = List.of();

  @Option(
      names = "--policy",
      split = ",",
      paramLabel = "NAME",
      description = "Eviction policies, see 'kvcache policies'. Default: adaptive.")
  private List<String> policies = List.of();

  @Option(
      names = "--cache",
      split = ",",
      paramLabel = "SIZE",
      description = {
        "Keys and values of each replica on its GPUs (on the host with herald): bytes (40GB, 8GiB)"
            + " or a share of the room for them (25%%). Default: all of it.",
      })
  private List<String> caches = List.of();

  @Mixin private final TierArguments tiers = new TierArguments();
  @Mixin private final DecodingArguments decoding = new DecodingArguments();

  @Option(
      names = "--tensor-parallel",
      paramLabel = "N",
      defaultValue = "1",
      description = "GPUs that share each layer of a replica. Default: ${DEFAULT-VALUE}.")
  private int gpus;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      defaultValue = "1",
      description = "Copies of the model. Default: ${DEFAULT-VALUE}.")
  private int replicas;

  @Option(
      names = "--routing",
      paramLabel = "WAY",
      defaultValue = "prefix",
      description = {
        "Which replica gets a request: prefix (that last had most of it, unless it is too busy),"
            + " least-loaded or round-robin. Default: ${DEFAULT-VALUE}.",
      })
  private String routing = "";

  @Option(
      names = "--weight-bits",
      paramLabel = "BITS",
      description = "Bits of a stored weight. Default: the preset's, 16 for those built in.")
  private @Nullable Double weightBits;

  @Option(
      names = "--max-sequences",
      paramLabel = "N",
      defaultValue = "256",
      description = "Sequences of a replica that run at once. Default: ${DEFAULT-VALUE}.")
  private int maxSequences;

  @Option(
      names = "--pass-tokens",
      paramLabel = "N",
      defaultValue = "8192",
      description = "Tokens of a pass; longer prompts go in chunks. Default: ${DEFAULT-VALUE}.")
  private int passTokens;

  @Option(
      names = "--preemption",
      paramLabel = "WAY",
      defaultValue = "recompute",
      description = {
        "What becomes of a sequence that must give way: recompute or swap (its keys and values wait"
            + " on the host). Default: ${DEFAULT-VALUE}.",
      })
  private String preemption = "";

  @Option(
      names = "--models",
      paramLabel = "FILE",
      description = {
        "Your own models, as JSON: {\"mine\": {\"layers\": 36, \"queryHeads\": 32, \"kvHeads\": 8,"
            + " \"headDim\": 128, \"parameters\": 8.2e9}}.",
      })
  private @Nullable Path modelFile;

  @Option(
      names = "--devices",
      paramLabel = "FILE",
      description = {
        "Your own machines, as JSON, for example those of 'kvcache calibrate': {\"mine\": {\"gpu\":"
            + " {\"memoryGB\": 141, \"bandwidthGBps\": 4800, \"tflops\": 989}, \"host\":"
            + " {\"memoryGB\": 1500, \"bandwidthGBps\": 460, \"tflops\": 4}, \"link\":"
            + " {\"bandwidthGBps\": 64}}}.",
      })
  private @Nullable Path deviceFile;

  /** Called by picocli. */
  ServingArguments() {}

  /** Files that are read. */
  List<Path> inputs() {
    var inputs = new ArrayList<Path>();
    if (modelFile != null) {
      inputs.add(modelFile);
    }
    if (deviceFile != null) {
      inputs.add(deviceFile);
    }
    return inputs;
  }

  /**
   * Every combination of what was listed, each called by what tells it from the others.
   *
   * @param defaultPolicies if none are named
   */
  List<ServingConfig> configs(List<String> defaultPolicies) {
    var bases = new ArrayList<ServingConfig>();
    List<ModelShape> shapes = Presets.models(modelFile).named(some("--model", models));
    List<Hardware> machines = Presets.devices(deviceFile).named(some("--device", devices));
    for (ModelShape preset : shapes) {
      ModelShape shape = weightBits == null ? preset : preset.withWeightBits(weightBits);
      for (Hardware machine : machines) {
        String label =
            (shapes.size() > 1 ? shape.name() + " " : "")
                + (machines.size() > 1 ? machine.name() : "");
        bases.add(base(shape, machine).withLabel(label.strip()));
      }
    }
    List<ServingConfig> configs = cross(bases, clean(schemes), this::scheme);
    configs = cross(configs, clean(decoding.ways), this::decoding);
    configs = cross(configs, clean(caches), ServingArguments::cache);
    return cross(
        configs,
        clean(policies.isEmpty() ? defaultPolicies : policies),
        (config, name) -> config.withPolicy(PolicyCatalog.named(name).name()));
  }

  private ServingConfig base(ModelShape shape, Hardware machine) {
    if (weightBits != null && !(weightBits > 0 && weightBits <= 32)) {
      throw new IllegalArgumentException(
          "--weight-bits is " + weightBits + "; it must be above 0 and at most 32");
    }
    double watermark = Batching.DEFAULT.watermark();
    return ServingConfig.of(shape, machine, "lru")
        .withGpus(
            Count.atLeast(1, "--tensor-parallel", gpus),
            choice("--routing", routing, Routing.class))
        .withReplicas(Count.atLeast(1, "--replicas", replicas))
        .withBatching(
            new Batching(
                Count.atLeast(1, "--max-sequences", maxSequences),
                Count.atLeast(1, "--pass-tokens", passTokens),
                choice("--preemption", preemption, Batching.Preemption.class),
                watermark));
  }

  private ServingConfig scheme(ServingConfig config, String name) {
    KvScheme scheme = KvScheme.of(name, config.model().headDim());
    return config.withModel(config.model().withKvBits(scheme.bitsPerElement()));
  }

  private ServingConfig decoding(ServingConfig config, String way) {
    return config.withDecoding(decoding.of(way, config.model())).withTiers(tiers.tiers());
  }

  private static ServingConfig cache(ServingConfig config, String size) {
    double room = config.roomBytes();
    double bytes =
        size.endsWith("%")
            ? Share.parse("--cache", size) * room
            : ByteSize.parse(size).map(BigDecimal::doubleValue).orElse(0.0);
    if (!(bytes > 0)) {
      throw new IllegalArgumentException(
          "--cache '%s' is not a size; write bytes (40GB) or a share of the room (25%%)"
              .formatted(size));
    }
    return config.withCacheBytes(bytes);
  }

  /** Each configuration with each value, whose name it takes on if there are several. */
  private static List<ServingConfig> cross(
      List<ServingConfig> configs,
      List<String> values,
      BiFunction<ServingConfig, String, ServingConfig> with) {
    if (values.isEmpty()) {
      return configs;
    }
    var all = new ArrayList<ServingConfig>();
    for (ServingConfig config : configs) {
      for (String value : values) {
        String label = values.size() > 1 ? config.label() + " " + value : config.label();
        all.add(with.apply(config, value).withLabel(label.strip()));
      }
    }
    return all;
  }

  private static List<String> some(String option, List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException(option + " names none; give at least one");
    }
    return names;
  }

  private static List<String> clean(List<String> names) {
    return names.stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).distinct().toList();
  }

  private static <E extends Enum<E>> E choice(String option, String text, Class<E> type) {
    String name = text.strip().toUpperCase(Locale.ROOT).replace('-', '_');
    for (E value : type.getEnumConstants()) {
      if (value.name().equals(name)) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "%s '%s' is unknown; known: %s"
            .formatted(
                option,
                text,
                Arrays.stream(type.getEnumConstants())
                    .map(value -> value.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .collect(Collectors.joining(", "))));
  }
}
