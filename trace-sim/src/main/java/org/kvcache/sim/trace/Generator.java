package org.kvcache.sim.trace;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The generators by name. */
enum Generator {
  DOCQA("questions about documents; mode random, tile, interleave, zipf, hot or shift") {
    @Override
    Workload create(Parameters parameters, Draws draws, IdSource ids) {
      return new DocumentQa(parameters, draws, ids);
    }
  },
  CHAT("multi-turn chat, many sessions of one turn, a short shared system prompt") {
    @Override
    Workload create(Parameters parameters, Draws draws, IdSource ids) {
      return new Chat(parameters, draws, ids);
    }
  },
  AGENTIC("long agent sessions on few large system prompts, with sub-agents") {
    @Override
    Workload create(Parameters parameters, Draws draws, IdSource ids) {
      return new Agentic(parameters, draws, ids);
    }
  },
  BATCH("batch inference: few templates, many items, all at time 0") {
    @Override
    Workload create(Parameters parameters, Draws draws, IdSource ids) {
      return new Batch(parameters, draws, ids);
    }
  },
  MIXED("chat, agents, document questions and a scan at once") {
    @Override
    Workload create(Parameters parameters, Draws draws, IdSource ids) {
      return new Mixed(parameters, draws, ids);
    }
  };

  private final String summary;

  Generator(String summary) {
    this.summary = summary;
  }

  abstract Workload create(Parameters parameters, Draws draws, IdSource ids);

  Workload create(Parameters parameters, long seed) {
    return create(parameters, new Draws(seed), new IdSource());
  }

  /** The name on the command line. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Generator> of(String label) {
    return Arrays.stream(values()).filter(g -> g.label().equals(label)).findFirst();
  }

  static List<TraceSource.GeneratorInfo> infos() {
    return Arrays.stream(values()).map(Generator::info).toList();
  }

  private TraceSource.GeneratorInfo info() {
    var parameters = new Parameters(label(), "");
    create(parameters, 0);
    return new TraceSource.GeneratorInfo(label(), summary + ": " + parameters.known());
  }
}
