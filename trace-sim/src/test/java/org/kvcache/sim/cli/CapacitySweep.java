package org.kvcache.sim.cli;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoublePredicate;
import java.util.stream.DoubleStream;
import org.kvcache.sim.capacity.Slo;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingSimulator;
import org.kvcache.sim.trace.Trace;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The exhaustive twin of a search: every level of a grid is run, from the easiest on. */
record CapacitySweep(CapacityRun run, CapacityRun.Plan plan) {

  @Command
  private static final class Arguments {
    @Mixin private final ServingArguments serving = new ServingArguments();
    @Mixin private final LoadArguments load = new LoadArguments();
  }

  /** One configuration over a trace, as the command line would have it. */
  static CapacityRun run(Trace trace, Sought sought, String slo, String... options) {
    var arguments = new Arguments();
    new CommandLine(arguments).parseArgs(options);
    ServingConfig config = arguments.serving.configs(List.of("lru")).getFirst();
    return new CapacityRun(
        new ServingSimulator(trace),
        config,
        arguments.load,
        new CapacityRun.Settings(sought, Slo.parse(slo), 0.02, 12, 1, 64),
        0);
  }

  static CapacitySweep of(CapacityRun run) {
    return new CapacitySweep(run, run.plan());
  }

  boolean holds(double level) {
    return run.verdict(level, plan).holds();
  }

  /** Levels that rise, or fall, by {@code step} (1.01 or 0.99) from one level to another. */
  static DoubleStream grid(double from, double to, double step) {
    DoublePredicate inside = step > 1 ? level -> level <= to : level -> level >= to;
    return DoubleStream.iterate(from, inside, level -> level * step);
  }

  /** The last level of a grid such that it and all before it hold. */
  OptionalDouble last(DoubleStream levels) {
    return levels.takeWhile(this::holds).reduce((_, level) -> level);
  }
}
