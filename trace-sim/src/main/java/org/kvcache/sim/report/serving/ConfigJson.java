package org.kvcache.sim.report.serving;

import java.util.Locale;
import java.util.OptionalDouble;
import org.kvcache.sim.serving.Batching;
import org.kvcache.sim.serving.Decoding;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingRun;
import org.kvcache.sim.serving.TierSize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What served, and what it was given to do. Models and devices are as their records have them. */
final class ConfigJson {
  private ConfigJson() {}

  static ObjectNode settings(JsonMapper mapper, ServingRun run) {
    ServingConfig config = run.config();
    ObjectNode node = mapper.createObjectNode();
    node.put("policy", config.policy())
        .put("gpus", config.gpus())
        .put("replicas", config.replicas())
        .put("routing", lower(config.routing()));
    add(node, "cacheBytes", config.cacheBytes());
    ArrayNode tiers = node.putArray("tiers");
    for (TierSize tier : config.tiers()) {
      tiers.addObject().put("place", tier.place().label()).put("bytes", tier.bytes());
    }
    add(node.putObject("batching"), config.batching());
    add(mapper, node.putObject("decoding"), config.decoding());
    add(node.putObject("load"), run.load());
    node.set("model", mapper.valueToTree(config.model()));
    node.set("device", mapper.valueToTree(config.device()));
    return node;
  }

  private static void add(ObjectNode node, Batching batching) {
    node.put("maxSequences", batching.maxSequences())
        .put("passTokens", batching.passTokens())
        .put("preemption", lower(batching.preemption()))
        .put("watermark", batching.watermark());
  }

  private static void add(JsonMapper mapper, ObjectNode node, Decoding decoding) {
    switch (decoding) {
      case Decoding.TokenByToken() -> node.put("kind", "token-by-token");
      case Decoding.BlockDiffusion(int blockTokens, int steps) ->
          node.put("kind", "block-diffusion").put("blockTokens", blockTokens).put("steps", steps);
      case Decoding.Herald herald -> {
        node.put("kind", "herald")
            .put("blockTokens", herald.blockTokens())
            .put("steps", herald.steps());
        node.set("plan", mapper.valueToTree(herald.plan()));
      }
    }
  }

  private static void add(ObjectNode node, Load load) {
    switch (load) {
      case Load.Recorded(double speed) -> node.put("kind", "recorded").put("speed", speed);
      case Load.Poisson(double requestsPerSecond) ->
          node.put("kind", "poisson").put("requestsPerSecond", requestsPerSecond);
      case Load.AtOnce batch -> node.put("kind", "at-once").put("order", batch.order().label());
      case Load.Closed closed -> {
        node.put("kind", "closed").put("users", closed.users());
        add(node, "thinkSeconds", closed.thinkSeconds());
      }
    }
  }

  private static void add(ObjectNode node, String name, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(name, value.getAsDouble());
    } else {
      node.putNull(name);
    }
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
