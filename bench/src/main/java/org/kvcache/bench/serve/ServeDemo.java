package org.kvcache.bench.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.SequenceOptions;
import org.kvcache.bench.engine.Decoder;
import org.kvcache.bench.engine.Generator;
import org.kvcache.bench.model.InductionModel;
import org.kvcache.bench.model.Vocabulary;
import org.kvcache.sim.cli.Progress;
import org.kvcache.spi.TierProvider;

/**
 * Serves one workload twice.
 *
 * @param workload what to serve
 * @param scheme how the cache stores K and V
 * @param policy who is evicted
 * @param memoryBytes block memory of the cache
 * @param diskBytes room of its disk tier; 0 for no disk tier
 */
record ServeDemo(
    AgentWorkload workload, String scheme, String policy, long memoryBytes, long diskBytes) {

  ServeResult run(boolean quiet) {
    Path folder = temporary();
    try {
      InductionModel.write(folder);
      Decoder decoder = Decoder.read(folder);
      return run(decoder, config(decoder, folder), quiet);
    } finally {
      delete(folder);
    }
  }

  private KvCacheConfig config(Decoder decoder, Path folder) {
    var config =
        KvCacheConfig.builder()
            .model("induction")
            .shape(decoder.config().kvShape())
            .scheme(scheme)
            .policy(policy)
            .memory(memoryBytes);
    if (diskBytes > 0) {
      var settings = Map.of("path", folder.resolve("kv").toString(), "bytes", diskBytes + "B");
      config.tier(TierProvider.named("disk").spec(settings));
    }
    return config.build();
  }

  private ServeResult run(Decoder decoder, KvCacheConfig config, boolean quiet) {
    List<AgentWorkload.Request> requests = workload.requests();
    var generator = new Generator(decoder, Vocabulary.END);
    try (KvCache cache = KvCache.open(config);
        Progress progress = Progress.start("serving", 2L * requests.size(), quiet)) {
      warmUp(generator, config, requests.getFirst());
      ServeRun without = ServeRun.of(requests, call -> call.withoutCache(generator), progress);
      ServeRun with =
          ServeRun.of(
              requests,
              call -> {
                var options = SequenceOptions.DEFAULT.withSalt("tenant-" + call.request().tenant());
                int limit = call.request().answer().length();
                return generator.generate(cache, call.prompt(), limit, options);
              },
              progress);
      cache.flush();
      return new ServeResult(
          workload, scheme, policy, config.shape(), without, with, cache.stats());
    }
  }

  /** Both ways once, so that neither is timed while it is still being compiled. */
  private void warmUp(Generator generator, KvCacheConfig config, AgentWorkload.Request request) {
    int[] prompt = Vocabulary.encode(request.prompt());
    generator.generate(prompt, 1);
    KvCacheConfig apart =
        KvCacheConfig.builder()
            .shape(config.shape())
            .scheme(scheme)
            .policy(policy)
            .memory(config.memoryBytes())
            .build();
    try (KvCache cache = KvCache.open(apart)) {
      for (int i = 0; i < 2; i++) {
        generator.generate(cache, prompt, request.answer().length(), SequenceOptions.DEFAULT);
      }
    }
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("kvcache-serve");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory can be made", e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be removed", e);
    }
  }
}
