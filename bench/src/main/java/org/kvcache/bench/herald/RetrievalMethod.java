package org.kvcache.bench.herald;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.kvcache.Retrieval;
import org.kvcache.spi.BlockRetriever;

/**
 * A way to choose, as the command line has it: {@code NAME[:QUERIES][:token][:once]}.
 *
 * @param name as it was written
 * @param retriever a retriever of the class path, or {@link #DENSE}
 * @param queries tokens that are asked, where the retriever takes a number
 * @param byToken single tokens, not pages
 * @param ahead chosen while the block before is denoised
 */
record RetrievalMethod(String name, String retriever, int queries, boolean byToken, boolean ahead) {

  /** No retrieval. */
  static final String DENSE = "dense";

  private static final String ALL = "all";
  private static final Pattern FORM =
      Pattern.compile("([a-z][a-z-]*)(?::(\\d{1,3}))?(:token)?(:once)?");

  /**
   * Reads a method.
   *
   * @throws IllegalArgumentException if there is no such retriever or the form is another
   */
  static RetrievalMethod parse(String text) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          "--retrievers '%s' is not NAME[:QUERIES][:token][:once]; write herald:2 or exact:token"
              .formatted(text));
    }
    String retriever = match.group(1);
    boolean everyStep = false;
    if (retriever.equals(DENSE)) {
      if (!text.equals(DENSE)) {
        throw new IllegalArgumentException(
            "--retrievers '%s': dense chooses nothing; write dense alone".formatted(text));
      }
    } else {
      everyStep = BlockRetriever.named(retriever).everyStep();
    }
    Retrieval usual = Retrieval.builder().build();
    int queries = match.group(2) == null ? usual.queries() : Integer.parseInt(match.group(2));
    boolean ahead = match.group(4) == null && !everyStep;
    return new RetrievalMethod(text, retriever, queries, match.group(3) != null, ahead);
  }

  /** Sees the whole prefix, whatever the budget. */
  boolean seesAll() {
    return retriever.equals(DENSE) || retriever.equals(ALL);
  }

  /** Of these budgets, those that make a difference. */
  List<Double> budgets(List<Double> asked) {
    return seesAll() ? List.of(1.0) : asked;
  }

  /** Settings of the retrieval, which the device is added to. */
  Retrieval.Builder settings(double budget, KeyScheme scheme) {
    return Retrieval.builder()
        .retriever(retriever)
        .budget(budget)
        .minTokens(SetSize.LEAST)
        .byToken(byToken)
        .queries(queries)
        .lookAhead(ahead)
        .scoredKeys(scheme.scored());
  }

  /** What is measured by default: the research's rows and this project's own ways. */
  static List<RetrievalMethod> usual() {
    return Stream.of(
            "dense",
            "exact-step",
            "exact",
            "exact:token",
            "herald:1",
            "herald:1:token",
            "herald:2",
            "herald:2:once",
            "herald:4",
            "herald-diverse:2",
            "herald-adaptive:4",
            "herald-mean",
            "quest",
            "window")
        .map(RetrievalMethod::parse)
        .toList();
  }
}
