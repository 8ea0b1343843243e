package org.kvcache.bench.herald;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.RetrievalPlan;
import org.kvcache.sim.cost.Workload;
import picocli.CommandLine.Option;

/** The options that say what is decoded and how it is retrieved. */
final class PipelineArguments {
  private static final Pattern SHARE =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?|\\.\\d{1,9})(%?)");

  @Option(
      names = "--context",
      split = ",",
      paramLabel = "TOKENS",
      defaultValue = "16K,32K,128K",
      description = "Tokens before the block; K is 1,024. Default: ${DEFAULT-VALUE}.")
  private List<String> contexts = List.of();

  @Option(
      names = "--block",
      paramLabel = "N",
      defaultValue = "32",
      description = "Tokens of a block. Default: ${DEFAULT-VALUE}.")
  private int block;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "20",
      description = {
        "Denoising passes over a block; one more commits it. The default is what HERALD's reported"
            + " dense figures imply for blocks of 32. Default: ${DEFAULT-VALUE}.",
      })
  private int steps;

  @Option(
      names = "--budget",
      paramLabel = "SHARE",
      defaultValue = "5%",
      description = "Share of the context in the set: 5%% or 0.05. Default: 5%%.")
  private String budget = "";

  @Option(
      names = "--queries",
      paramLabel = "N",
      defaultValue = "1",
      description = "Query positions of the block that score keys. Default: ${DEFAULT-VALUE}.")
  private int queries;

  @Option(
      names = "--key-bits",
      paramLabel = "BITS",
      description = {
        "Bits per element of the scored keys: 16, or 4.25 for MXFP4. Default: as the model's"
            + " cache.",
      })
  private @Nullable Double keyBits;

  @Option(
      names = "--reuse",
      paramLabel = "SHARE",
      defaultValue = "0",
      description = "Share of the set that is on the GPU already: 0.5 or 50%%. Default: 0.")
  private String reuse = "";

  @Option(
      names = "--page",
      paramLabel = "TOKENS",
      defaultValue = "1",
      description = "Neighbouring tokens chosen and gathered together. Default: ${DEFAULT-VALUE}.")
  private int page;

  @Option(
      names = "--no-look-ahead",
      description = "Retrieve after denoising, without a draft block.")
  private boolean noLookAhead;

  /** Called by picocli. */
  PipelineArguments() {}

  List<Workload> works() {
    return contexts.stream()
        .map(text -> new Workload(TokenCount.parse("--context", text), block, steps))
        .toList();
  }

  RetrievalPlan plan(ModelShape model) {
    if (queries > block) {
      throw new IllegalArgumentException(
          "--queries is %d, more than the %d tokens of a block; give at most those"
              .formatted(queries, block));
    }
    return new RetrievalPlan(
        share("--budget", budget),
        queries,
        keyBits == null ? model.kvBits() : keyBits,
        share("--reuse", reuse),
        page,
        !noLookAhead);
  }

  /** For the head of the table: the usual, and what else was asked for. */
  String describe() {
    var text = new StringBuilder();
    text.append(
        "blocks of %d tokens, %d denoising passes and one that commits; %s of the context in the set"
            .formatted(block, steps, budget));
    text.append(queries == 1 ? ", 1 query" : ", " + queries + " queries");
    text.append(noLookAhead ? ", look-ahead off" : ", look-ahead on");
    if (keyBits != null) {
      text.append(", " + keyBits + "-bit scored keys");
    }
    if (share("--reuse", reuse) > 0) {
      text.append(", " + reuse + " reused");
    }
    if (page > 1) {
      text.append(", pages of " + page);
    }
    return text.toString();
  }

  static double share(String option, String text) {
    Matcher match = SHARE.matcher(text.strip());
    double share = match.matches() ? Double.parseDouble(match.group(1)) : -1;
    if (match.matches() && !match.group(2).isEmpty()) {
      share /= 100;
    }
    boolean zeroIsGood = option.equals("--reuse");
    if (share > 1 || share < 0 || (share == 0 && !zeroIsGood)) {
      throw new IllegalArgumentException(
          "%s '%s' is not a share %s; write 5%% or 0.05"
              .formatted(option, text, zeroIsGood ? "from 0 to 100%" : "above 0 up to 100%"));
    }
    return share;
  }
}
