package org.kvcache.sim.cli;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.RetrievalPlan;
import org.kvcache.sim.serving.Decoding;
import picocli.CommandLine.Option;

/** The options that say how answers are made. */
final class DecodingArguments {
  @Option(
      names = "--decoding",
      split = ",",
      paramLabel = "WAY",
      defaultValue = "auto",
      description = {
        "tokens (one after the other), diffusion (blocks that are denoised, the whole cache on the"
            + " GPU), herald (the cache on the host, a chosen set on the GPU), or auto (what the"
            + " model does). Default: ${DEFAULT-VALUE}.",
      })
  List<String> ways = List.of();

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "32",
      description = "Tokens of a denoising block. Default: ${DEFAULT-VALUE}.")
  private int block;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "20",
      description = "Denoising passes over a block; one more commits it. Default: 20.")
  private int steps;

  @Option(
      names = "--budget",
      paramLabel = "SHARE",
      defaultValue = "5%",
      description = "Of herald: share of the context in the set. Default: 5%%.")
  private String budget = "";

  @Option(
      names = "--queries",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of herald: query positions that score the keys. Default: ${DEFAULT-VALUE}.")
  private int queries;

  @Option(
      names = "--reuse",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "Of herald: share of a set that is there from the one before. Default: 0.")
  private String reuse = "";

  @Option(
      names = "--page",
      paramLabel = "TOKENS",
      defaultValue = "1",
      description = "Of herald: tokens chosen and moved together. Default: ${DEFAULT-VALUE}.")
  private int page;

  @Option(
      names = "--key-bits",
      paramLabel = "BITS",
      description = "Of herald: bits of the scored keys. Default: as the cache.")
  private @Nullable Double keyBits;

  @Option(
      names = "--no-look-ahead",
      description = "Of herald: choose a block's set only when the block before is done.")
  private boolean noLookAhead;

  /** Called by picocli. */
  DecodingArguments() {}

  Decoding of(String way, ModelShape model) {
    return switch (way.strip().toLowerCase(Locale.ROOT)) {
      case "auto" ->
          model.blockDiffusion()
              ? new Decoding.BlockDiffusion(block, steps)
              : new Decoding.TokenByToken();
      case "tokens" -> new Decoding.TokenByToken();
      case "diffusion" -> new Decoding.BlockDiffusion(block, steps);
      case "herald" -> new Decoding.Herald(block, steps, plan(model));
      default ->
          throw new IllegalArgumentException(
              "unknown decoding '%s'; known: auto, tokens, diffusion, herald".formatted(way));
    };
  }

  private RetrievalPlan plan(ModelShape model) {
    if (queries > block) {
      throw new IllegalArgumentException(
          "--queries is %d, more than the %d tokens of a block; give at most those"
              .formatted(queries, block));
    }
    return new RetrievalPlan(
        Share.parse("--budget", budget),
        queries,
        keyBits == null ? model.kvBits() : keyBits,
        Share.parse("--reuse", reuse),
        page,
        !noLookAhead);
  }
}
