package org.kvcache.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.ProfilersFailedException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kvcache jmh}. */
@Command(
    name = "jmh",
    description = {
      "Runs the JMH benchmarks, each in JVMs of its own with the flags of this one.",
      "FlatPolicyBenchmark: references a microsecond through a policy alone (read the line"
          + " ':refs'). ReplayBenchmark: the same through the block manager, whole traces."
          + " BlockManagerBenchmark: nanoseconds a block for match, allocate, commit and release."
          + " BlockHasherBenchmark: nanoseconds for the key of a block. CodecBenchmark: nanoseconds"
          + " for a row of K or V, ScalarCodecBenchmark: the same without the Vector API."
          + " KvCacheBeginBenchmark, KvCacheAppendBenchmark, KvCacheDecodeBenchmark: what a cached"
          + " prompt, a token of a layer and a decoded token cost in the cache. AttentionBenchmark:"
          + " nanoseconds a token and KV head; LayerAttentionBenchmark: tokens a second on all"
          + " cores, backends and formats side by side.",
      "A run of everything takes hours; name what you want, and its parameters with -p.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache jmh --quick BlockManager -- -p policy=lru,arc -prof gc",
      "  kvcache jmh FlatPolicy -- -p policy=arc -p stream=trace.jsonl.gz -p share=0.01",
      "  kvcache jmh --quick CodecBenchmark -- -p format=mxfp4 -prof gc",
      "  kvcache jmh BlockHasher -- -rf json -rff hashers.json",
      "  kvcache jmh -- -lp        lists the benchmarks and their parameters",
      "  kvcache jmh -- -h         lists JMH's options",
    })
final class JmhCommand implements Callable<Integer> {
  // By option, so that what the user says wins: JMH takes each option once.
  private static final Map<String, String> QUICK =
      Map.of("-f", "1", "-wi", "2", "-w", "1s", "-i", "3", "-r", "1s");

  @Parameters(
      paramLabel = "REGEX",
      arity = "0..*",
      description = "Benchmarks to run, by a part of their name; behind '--' JMH's own options.")
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--quick",
      description = "One JVM and three seconds of measuring each: numbers are rough.")
  private boolean quick;

  @Override
  public Integer call() {
    try {
      run(new CommandLineOptions(jmhArguments()));
    } catch (NoBenchmarksException e) {
      throw new IllegalArgumentException(
          "no benchmark matches %s; 'kvcache jmh -- -l' lists them".formatted(arguments), e);
    } catch (ProfilersFailedException e) {
      throw new IllegalArgumentException(
          "a profiler does not work here: %s; 'kvcache jmh -- -lprof' lists those that do"
              .formatted(firstLine(e)),
          e);
    } catch (RunnerException e) {
      throw new IllegalArgumentException("JMH gave up: " + firstLine(e), e);
    } catch (CommandLineOptionException e) {
      throw new IllegalArgumentException(
          "JMH does not understand its options: %s; 'kvcache jmh -- -h' lists them"
              .formatted(firstLine(e)),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return 0;
  }

  private static void run(CommandLineOptions options) throws RunnerException, IOException {
    var runner = new Runner(options);
    if (options.shouldHelp()) {
      options.showHelp();
    } else if (options.shouldList()) {
      runner.list();
    } else if (options.shouldListWithParams()) {
      runner.listWithParams(options);
    } else if (options.shouldListProfilers()) {
      options.listProfilers();
    } else if (options.shouldListResultFormats()) {
      options.listResultFormats();
    } else {
      // The forks get the flags of this JVM, since the options name none.
      runner.run();
    }
  }

  private String[] jmhArguments() {
    var all = new ArrayList<>(arguments);
    if (quick) {
      QUICK.forEach((option, value) -> {
        if (!arguments.contains(option)) {
          all.addAll(List.of(option, value));
        }
      });
    }
    return all.toArray(String[]::new);
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
