package org.kvcache.sim.reproduce;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.KvScheme;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingSimulator;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceReader;
import org.kvcache.sim.trace.TraceSource;

/**
 * 4.25 against 8 bits of keys and values on long agent sessions (UltraQuant, arXiv 2606.20474):
 * time to first token by round, and throughput.
 */
final class UltraQuantStudy implements Study {
  private static final String MODEL = "qwen3-32b";
  private static final String DEVICE = "mi355x";
  private static final List<String> SCHEMES = List.of("fp8", "ultraquant");

  private static final double FEWER_HITS = 0.9;

  private final Scale scale;
  private final List<Integer> users;
  private final String source;

  UltraQuantStudy(Scale scale) {
    this.scale = scale;
    users = scale.quick() ? List.of(32) : List.of(16, 24, 32, 40, 48, 64);
    source = "agentic:sessions=" + (scale.quick() ? 96 : 288) + ",subagents=0";
  }

  @Override
  public String name() {
    return "ultraquant";
  }

  @Override
  public int steps() {
    return 2 * users.size() * SCHEMES.size() * scale.seeds();
  }

  @Override
  public StudyResult run(Runnable done) {
    var settings = new ArrayList<Setting>();
    for (boolean pauses : List.of(true, false)) {
      for (int count : users) {
        settings.add(new Setting(count, pauses, scale.seeds()));
      }
    }
    ModelShape model = Presets.models(null).named(List.of(MODEL)).getFirst();
    Hardware device = Presets.devices(null).named(List.of(DEVICE)).getFirst();
    double[] room = new double[SCHEMES.size()];
    for (int seed = 0; seed < scale.seeds(); seed++) {
      Trace trace;
      try (TraceReader reader = TraceSource.open(source, seed)) {
        trace = Trace.load(reader, TraceOptions.ALL);
      }
      var simulator = new ServingSimulator(trace);
      for (Setting setting : settings) {
        for (int scheme = 0; scheme < SCHEMES.size(); scheme++) {
          double bits = KvScheme.of(SCHEMES.get(scheme), model.headDim()).bitsPerElement();
          ServingConfig config = ServingConfig.of(model.withKvBits(bits), device, "lru");
          room[scheme] = config.roomBytes() / config.model().kvBytesPerToken();
          OptionalDouble think = setting.pauses ? OptionalDouble.empty() : OptionalDouble.of(0);
          var load = new Load.Closed(setting.users, think);
          setting.add(
              scheme, seed, ServingSummary.from(simulator.run(config, load, seed), trace, 0));
          done.run();
        }
      }
    }
    return new StudyResult(
        "4.25-bit instead of FP8 keys and values in long agent sessions (UltraQuant)",
        List.of(
            String.format(
                Locale.ROOT,
                "%s on one %s; the memory holds %.2f M tokens in fp8, %.2f M in ultraquant; LRU",
                MODEL,
                DEVICE,
                room[0] / 1e6,
                room[1] / 1e6),
            "sessions of 20 to 100 turns that grow to 160,000 tokens; each user runs one after the"
                + " other, with the pauses generated (some seconds, at times minutes) or without",
            "no lower tier: what does not fit is computed again; late rounds are those after the"
                + " 32nd; "
                + scale.describe()),
        List.of(
            "users",
            "hits fp8",
            "4.25 bits",
            "p50 ttft fp8",
            "4.25 bits",
            "late fp8",
            "4.25 bits",
            "tokens/s fp8",
            "4.25 bits",
            "late ttft",
            "throughput"),
        settings.stream().map(Setting::row).toList(),
        claims(settings));
  }

  private static List<Claim> claims(List<Setting> settings) {
    Setting chosen = chosen(settings);
    String where =
        "the fewest users, without pauses, whose sessions no longer fit in 8 bits: " + chosen.users;
    String cliff =
        "how many users: without a lower tier it goes from no gain to hundreds of times within a"
            + " few users more, as evicted sessions are computed again and again";
    return List.of(
        claim(
            settings,
            "p50 time to first token, late rounds, FP8 over 4.25 bits",
            3.47,
            where,
            cliff,
            chosen.ratio(chosen.late),
            setting -> setting.ratio(setting.late)),
        claim(
            settings,
            "p50 time to first token, all rounds, FP8 over 4.25 bits",
            2.3,
            where,
            cliff,
            chosen.ratio(chosen.first),
            setting -> setting.ratio(setting.first)),
        claim(
            settings,
            "output throughput, 4.25 bits over FP8",
            1.63,
            where,
            "what is computed again: FP8 spends its time on prompts here, users who think less so",
            1 / chosen.ratio(chosen.rates),
            setting -> 1 / setting.ratio(setting.rates)));
  }

  /** Where FP8 first loses a tenth of the hits, the last setting if it never does. */
  private static Setting chosen(List<Setting> settings) {
    return settings.stream()
        .filter(setting -> !setting.pauses)
        .filter(
            setting -> Spread.median(setting.hits[0]) < FEWER_HITS * Spread.median(setting.hits[1]))
        .findFirst()
        .orElse(settings.getLast());
  }

  private static Claim claim(
      List<Setting> settings,
      String what,
      double published,
      String where,
      String why,
      double ours,
      ToDoubleFunction<Setting> figure) {
    double[] all = settings.stream().mapToDouble(figure).toArray();
    return new Claim(
        what, "x", published, ours, Spread.least(all), Spread.most(all), 1, where, why);
  }

  /** So many users; by scheme and seed. */
  private static final class Setting {
    private final int users;
    private final boolean pauses;
    private final double[][] hits;
    private final double[][] first;
    private final double[][] late;
    private final double[][] rates;

    Setting(int users, boolean pauses, int seeds) {
      this.users = users;
      this.pauses = pauses;
      hits = new double[SCHEMES.size()][seeds];
      first = new double[SCHEMES.size()][seeds];
      late = new double[SCHEMES.size()][seeds];
      rates = new double[SCHEMES.size()][seeds];
    }

    void add(int scheme, int seed, ServingSummary summary) {
      hits[scheme][seed] = summary.all().cachedShare();
      first[scheme][seed] = summary.all().timeToFirstToken().at(50);
      rates[scheme][seed] = summary.outputTokensPerSecond();
      late[scheme][seed] = lateRounds(summary);
    }

    /** The rounds after the 32nd, weighted by their requests. */
    private static double lateRounds(ServingSummary summary) {
      double sum = 0;
      int count = 0;
      for (RequestGroup round : summary.rounds()) {
        if (round.label().startsWith("33") || round.label().startsWith("65")) {
          sum += round.requests() * round.timeToFirstToken().at(50);
          count += round.requests();
        }
      }
      return sum / count;
    }

    double ratio(double[][] figures) {
      return Spread.median(figures[0]) / Spread.median(figures[1]);
    }

    List<String> row() {
      var row = new ArrayList<String>();
      row.add(Integer.toString(users));
      row.add(pauses ? "yes" : "no");
      add(row, hits, "%.1f %%", 100);
      add(row, first, "%.0f ms", 1e3);
      add(row, late, "%.0f ms", 1e3);
      add(row, rates, "%.0f", 1);
      row.add(String.format(Locale.ROOT, "x%.2f", ratio(late)));
      row.add(String.format(Locale.ROOT, "x%.2f", 1 / ratio(rates)));
      return row;
    }

    private static void add(List<String> row, double[][] figures, String format, double factor) {
      for (double[] values : figures) {
        row.add(String.format(Locale.ROOT, format, factor * Spread.median(values)));
      }
    }
  }
}
