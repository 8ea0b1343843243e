package org.kvcache.sim.cli;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.Simulator;
import org.kvcache.sim.cost.KvScheme;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.serving.Order;
import picocli.CommandLine.Option;

/** The options that say what serves a batch, and in which orders. */
final class BatchArguments {
  private static final String ALL = "all";
  private static final List<String> DEFAULT_POLICIES = List.of("lru", "arc", "adaptive");
  private static final List<String> DEFAULT_CAPACITIES = List.of("5%", "20%");

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "llama3-8b",
      description = "The model; a wrong name lists all. Default: ${DEFAULT-VALUE}.")
  private String model = "";

  @Option(
      names = "--models",
      paramLabel = "FILE",
      description = "Your own models, as a JSON file of presets.")
  private @Nullable Path models;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "h200",
      description = "The machine; a wrong name lists all. Default: ${DEFAULT-VALUE}.")
  private String device = "";

  @Option(
      names = "--devices",
      paramLabel = "FILE",
      description = "Your own machines, as a JSON file of presets.")
  private @Nullable Path devices;

  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      description = {
        "How the model stores keys and values: a scheme or format of 'kvcache schemes' and 'kvcache"
            + " formats', or two, as in fp8+mxfp4. Default: the bits of the model's preset.",
      })
  private @Nullable String scheme;

  @Option(
      names = "--policy",
      split = ",",
      paramLabel = "NAME",
      description = {
        "Policies, separated by commas: see 'kvcache policies'; 'all' is everything. The bounds are"
            + " always there. Default: lru,arc,adaptive.",
      })
  private @Nullable List<String> policies;

  @Option(
      names = "--order",
      split = ",",
      paramLabel = "NAME",
      description = {
        "Orders, separated by commas: arrival, longest-prefix, depth-first, or all. Default: all.",
      })
  private List<String> orders = List.of(ALL);

  @Option(
      names = "--capacity",
      split = ",",
      paramLabel = "SIZE",
      description = {
        "Sizes of the KV cache, separated by commas: a share of the trace's unique blocks, rounded"
            + " down (5%% or 0.05), blocks (1000, 5_000, 2k), or bytes (8GiB, 80GB). Default:"
            + " 5%%,20%%, or what the device holds if that is less.",
      })
  private @Nullable List<String> capacities;

  /** Called by picocli. */
  BatchArguments() {}

  /**
   * What to run.
   *
   * @throws IllegalArgumentException if a name is unknown, or the bounds are asked for alone in an
   *     order that they cannot know
   */
  BatchPlan plan(long seed) {
    List<String> names =
        ReplayArguments.policyNames(policies == null ? DEFAULT_POLICIES : policies);
    Set<Order> wanted = orders();
    if (policies != null
        && names.contains(Simulator.OPT)
        && wanted.stream().noneMatch(Order::isStatic)) {
      throw new IllegalArgumentException(
          "opt must know the order beforehand, and %s depends on what is cached; add %s or %s to --order"
              .formatted(
                  Order.LONGEST_PREFIX.label(), Order.ARRIVAL.label(), Order.DEPTH_FIRST.label()));
    }
    List<Capacity> sizes =
        (capacities == null ? DEFAULT_CAPACITIES : capacities)
            .stream().map(Capacity::parse).toList();
    if (sizes.isEmpty()) {
      throw new IllegalArgumentException("--capacity names none; give one, for example 5%");
    }
    return new BatchPlan(
        model(),
        only(Presets.devices(devices), "device", device),
        scheme == null ? "" : scheme.strip().toLowerCase(Locale.ROOT),
        names.stream().filter(name -> !BatchPlan.isBound(name)).toList(),
        List.copyOf(wanted),
        sizes,
        capacities == null,
        seed);
  }

  private ModelShape model() {
    ModelShape shape = only(Presets.models(models), "model", model);
    return scheme == null
        ? shape
        : shape.withKvBits(KvScheme.of(scheme, shape.headDim()).bitsPerElement());
  }

  private static <T> T only(Presets<T> presets, String option, String name) {
    List<T> found = presets.named(List.of(name));
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          "--%s %s is more than one; name one of %s"
              .formatted(option, name, String.join(", ", presets.names())));
    }
    return found.getFirst();
  }

  private Set<Order> orders() {
    Set<Order> wanted = EnumSet.noneOf(Order.class);
    for (String written : orders) {
      String name = written.strip().toLowerCase(Locale.ROOT);
      if (name.equals(ALL)) {
        wanted.addAll(EnumSet.allOf(Order.class));
      } else {
        wanted.add(order(name));
      }
    }
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException("--order names none; give one, for example depth-first");
    }
    return wanted;
  }

  private static Order order(String name) {
    List<String> known = Stream.of(Order.values()).map(Order::label).toList();
    int at = known.indexOf(name);
    if (at < 0) {
      throw new IllegalArgumentException(
          "unknown order '%s'%s; known: %s, or %s"
              .formatted(
                  name,
                  NearestName.of(name, known)
                      .map(near -> ", did you mean '" + near + "'")
                      .orElse(""),
                  String.join(", ", known),
                  ALL));
    }
    return Order.values()[at];
  }
}
