package org.kvcache.sim.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.Simulator;
import org.kvcache.sim.cost.KvScheme;
import picocli.CommandLine.Option;

/** The options that say what to replay a trace through. */
final class ReplayArguments {
  private static final List<String> DEFAULT_CAPACITIES =
      List.of("1%", "2%", "5%", "10%", "20%", "50%");
  private static final String ALL = "all";

  @Option(
      names = "--policy",
      split = ",",
      paramLabel = "NAME",
      description = {
        "Policies, separated by commas: see 'kvcache policies'. 'opt' (Belady) and 'infinite' are"
            + " bounds, 'all' is everything.",
      })
  @Nullable List<String> policies;

  @Option(
      names = "--capacity",
      split = ",",
      paramLabel = "SIZE",
      description = {
        "Cache sizes, separated by commas: a share of the trace's unique blocks, rounded down (5%%"
            + " or 0.05), blocks (1000, 5_000, 2k), or bytes (8GiB, 80GB) together with --model."
            + " Default: 1%%,2%%,5%%,10%%,20%%,50%%.",
      })
  @Nullable List<String> capacities;

  @Option(
      names = "--model",
      paramLabel = "NAME|BYTES",
      description = {
        "What a token takes: a model (llama3-8b, qwen3-32b, ...; a wrong name lists all) or bytes"
            + " per token (131072, 128KiB). A block takes that times its tokens.",
      })
  @Nullable String model;

  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      description = {
        "How --model stores keys and values: a scheme or format of 'kvcache schemes' and 'kvcache"
            + " formats', or two, as in fp8+mxfp4. Default: "
            + KvScheme.DEFAULT
            + ".",
      })
  @Nullable String scheme;

  @Option(
      names = "--window",
      paramLabel = "N",
      description = {
        "Requests that run at once and pin their blocks; the oldest finishes first, and a session's"
            + " next turn waits for its last. Default: 0, one after the other.",
      })
  @Nullable Integer window;

  @Option(
      names = "--flat",
      description = {
        "Replay block ids as plain keys, one access each, as simulators of other caches do.",
      })
  boolean flat;

  @Option(
      names = "--hints",
      paramLabel = "ACCURACY",
      description = {
        "Tell the policies with every request whether its session has ended, and be right with this"
            + " probability (0 to 1).",
      })
  @Nullable Double hints;

  /** Called by picocli. */
  ReplayArguments() {}

  /** The policies asked for, each once; {@code fallback} if none are. */
  List<String> policies(List<String> fallback) {
    return policyNames(policies == null ? fallback : policies);
  }

  /** Names as the user writes them, each once. */
  static List<String> policyNames(List<String> asWritten) {
    List<String> known = Simulator.names();
    Set<String> names = new LinkedHashSet<>();
    for (String written : asWritten) {
      String name = written.strip().toLowerCase(Locale.ROOT);
      if (name.equals(ALL)) {
        names.addAll(known);
      } else if (known.contains(name)) {
        names.add(name);
      } else {
        throw unknownPolicy(name, known);
      }
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException("--policy names none; give one, for example lru");
    }
    return List.copyOf(names);
  }

  private static IllegalArgumentException unknownPolicy(String name, List<String> known) {
    return new IllegalArgumentException(
        "unknown policy '%s'%s; known: %s"
            .formatted(
                name,
                NearestName.of(name, known).map(near -> ", did you mean '" + near + "'").orElse(""),
                String.join(", ", known)));
  }

  /** Whether the capacities are ours, so that those too small for a trace are left out. */
  boolean defaultCapacities() {
    return capacities == null;
  }

  List<Capacity> capacities() {
    List<Capacity> parsed =
        (capacities == null ? DEFAULT_CAPACITIES : capacities)
            .stream().map(Capacity::parse).toList();
    if (parsed.isEmpty()) {
      throw new IllegalArgumentException("--capacity names none; give one, for example 5%");
    }
    if (model == null) {
      for (Capacity capacity : parsed) {
        if (capacity.unit() == Capacity.Unit.BYTES) {
          throw capacity.lacksModel();
        }
      }
    }
    return parsed;
  }

  /** What a token takes, if the user says so. */
  @Nullable Model model() {
    if (model != null) {
      return Model.of(model, Optional.ofNullable(scheme));
    } else if (scheme != null) {
      throw new IllegalArgumentException(
          "--scheme says how a model stores its cache; add --model NAME");
    }
    return null;
  }

  RunSettings settings(long seed, int statePoints) {
    if (flat && window != null) {
      throw new IllegalArgumentException(
          "--flat has no requests that could run at once; leave out --window or --flat");
    }
    if (flat && statePoints > 0) {
      throw new IllegalArgumentException(
          "--state follows requests, which --flat does not have; leave out one of them");
    }
    return new RunSettings(
        flat ? RunSettings.Mode.FLAT : RunSettings.Mode.PREFIX,
        window == null ? 0 : window,
        hints,
        seed,
        statePoints);
  }
}
