package org.kvcache.sim.reproduce;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingSimulator;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceReader;
import org.kvcache.sim.trace.TraceSource;

/**
 * ARC against LRU on prefix-cached blocks ("Recency/Frequency Adaptive KV Caching for LLM
 * Serving"): document question answering and conversations, by hit rate and time to first token.
 */
final class ArcStudy implements Study {
  private static final String MODEL = "llama3-8b";
  private static final String DEVICE = "h200";
  private static final List<String> POLICIES = List.of("lru", "arc", "adaptive");

  /** Of the rate that LRU sustains when everything arrives at once. */
  private static final List<Double> LOADS = List.of(0.5, 0.8);

  /** Caches: of what the device has beside the weights. */
  private static final List<Double> CACHES = List.of(0.25, 0.5, 1.0);

  private final Scale scale;
  private final Map<String, List<String>> workloads = new LinkedHashMap<>();

  ArcStudy(Scale scale, @Nullable Path traces) {
    this.scale = scale;
    int requests = scale.quick() ? 1500 : 8000;
    var documents = new ArrayList<String>();
    documents.add("docqa:mode=zipf,requests=" + requests);
    var conversations = new ArrayList<String>();
    conversations.add("chat:sessions=" + requests / 2);
    if (traces != null) {
      addIfThere(traces.resolve("docqa_zipf08_b512.jsonl.gz"), documents);
      addIfThere(traces.resolve("docqa_hot50_b512.jsonl.gz"), documents);
      addIfThere(traces.resolve("mooncake_conversation_b512.jsonl.gz"), conversations);
    }
    workloads.put("document QA", documents);
    workloads.put("conversation", conversations);
  }

  private static void addIfThere(Path file, List<String> into) {
    if (Files.isRegularFile(file)) {
      into.add(file.toString());
    }
  }

  @Override
  public String name() {
    return "arc";
  }

  @Override
  public int steps() {
    int sources = workloads.values().stream().mapToInt(List::size).sum();
    return sources * CACHES.size() * (1 + LOADS.size() * POLICIES.size() * scale.seeds());
  }

  @Override
  public StudyResult run(Runnable done) {
    var rows = new ArrayList<List<String>>();
    var claims = new ArrayList<Claim>();
    for (Map.Entry<String, List<String>> workload : workloads.entrySet()) {
      var settings = new ArrayList<Setting>();
      for (String source : workload.getValue()) {
        settings.addAll(settings(source, done));
      }
      settings.forEach(setting -> rows.add(setting.row(workload.getKey())));
      claims.addAll(claims(workload.getKey(), settings));
    }
    return new StudyResult(
        "ARC instead of LRU on prefix-cached blocks (Recency/Frequency Adaptive KV Caching)",
        List.of(
            MODEL + " on one " + DEVICE + " in bf16; caches of a quarter, half and all the memory",
            "Poisson arrivals at 50 and 80 % of the rate that LRU sustains if all come at once",
            "hit rates are of prompt tokens, while others run and hold their blocks; "
                + scale.describe()),
        List.of(
            "workload",
            "trace",
            "cache",
            "load",
            "hits lru",
            "arc",
            "adaptive",
            "ttft lru",
            "arc",
            "adaptive"),
        rows,
        claims);
  }

  private List<Setting> settings(String source, Runnable done) {
    Trace trace;
    try (TraceReader reader = TraceSource.open(source, 0)) {
      long most = scale.quick() ? 1500 : Long.MAX_VALUE;
      trace = Trace.load(reader, TraceOptions.ALL.withMaxRequests(most));
    }
    var simulator = new ServingSimulator(trace);
    ModelShape model = Presets.models(null).named(List.of(MODEL)).getFirst();
    Hardware device = Presets.devices(null).named(List.of(DEVICE)).getFirst();
    ServingConfig whole = ServingConfig.of(model, device, "lru");
    var settings = new ArrayList<Setting>();
    for (double share : CACHES) {
      ServingConfig config = whole.withCacheBytes(share * whole.roomBytes());
      ServingSummary flood =
          ServingSummary.from(simulator.run(config, new Load.Poisson(1e6), 0), trace, 0);
      done.run();
      for (double load : LOADS) {
        double rate = load * flood.requestsPerSecond();
        var setting = new Setting(trace.name(), share, load, POLICIES.size(), scale.seeds());
        for (int seed = 0; seed < scale.seeds(); seed++) {
          for (int policy = 0; policy < POLICIES.size(); policy++) {
            ServingConfig served = config.withPolicy(POLICIES.get(policy));
            setting.add(
                policy,
                seed,
                ServingSummary.of(simulator.run(served, new Load.Poisson(rate), seed), trace));
            done.run();
          }
        }
        settings.add(setting);
      }
    }
    return settings;
  }

  private List<Claim> claims(String workload, List<Setting> settings) {
    boolean documents = workload.equals("document QA");
    Setting best = settings.getFirst();
    for (Setting setting : settings) {
      best = setting.gain() > best.gain() ? setting : best;
    }
    double[] gains = settings.stream().mapToDouble(Setting::gain).toArray();
    double[] changes = settings.stream().mapToDouble(Setting::change).toArray();
    String where =
        String.format(
            Locale.ROOT, "the setting with the largest gain in hits: %s", best.describe());
    return List.of(
        new Claim(
            workload + ": hit rate, ARC - LRU",
            "points",
            documents ? 10.8 : 2.1,
            best.gain(),
            Spread.least(gains),
            Spread.most(gains),
            0,
            where,
            documents
                ? "skew of the documents and cache over corpus: Zipf 0.8 here, both unpublished"
                : "cache over working set: the paper's is unknown, ours is what one GPU holds"),
        new Claim(
            workload + ": mean time to first token, ARC over LRU",
            "%",
            documents ? -12.6 : -2.0,
            best.change(),
            Spread.least(changes),
            Spread.most(changes),
            0,
            where,
            "load: the fuller the GPU, the more a saved token saves of the queue as well"));
  }

  /** One trace, cache and load; the policies in their order, by seed. */
  private static final class Setting {
    private final String trace;
    private final double share;
    private final double load;
    private final double[][] hits;
    private final double[][] waits;

    Setting(String trace, double share, double load, int policies, int seeds) {
      this.trace = trace;
      this.share = share;
      this.load = load;
      hits = new double[policies][seeds];
      waits = new double[policies][seeds];
    }

    void add(int policy, int seed, ServingSummary summary) {
      hits[policy][seed] = 100 * summary.all().cachedShare();
      waits[policy][seed] = summary.all().timeToFirstToken().mean();
    }

    double gain() {
      return Spread.median(hits[1]) - Spread.median(hits[0]);
    }

    double change() {
      return 100 * (Spread.median(waits[1]) / Spread.median(waits[0]) - 1);
    }

    String describe() {
      return String.format(
          Locale.ROOT, "%s, %.0f %% of the memory, %.0f %% load", trace, 100 * share, 100 * load);
    }

    List<String> row(String workload) {
      var row = new ArrayList<String>();
      row.add(workload);
      row.add(trace);
      row.add(String.format(Locale.ROOT, "%.0f %%", 100 * share));
      row.add(String.format(Locale.ROOT, "%.0f %%", 100 * load));
      for (double[] values : hits) {
        row.add(String.format(Locale.ROOT, "%.2f %%", Spread.median(values)));
      }
      for (double[] values : waits) {
        row.add(String.format(Locale.ROOT, "%.0f ms", 1e3 * Spread.median(values)));
      }
      return row;
    }
  }
}
