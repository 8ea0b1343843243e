package org.kvcache.bench.serve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.kvcache.bench.engine.Generation;
import org.kvcache.bench.engine.Generator;
import org.kvcache.bench.model.Vocabulary;
import org.kvcache.sim.cli.Progress;

/** What became of all requests of one workload, one after the other. */
final class ServeRun {

  private static final double NANOS_PER_MILLI = 1e6;

  /**
   * One request served.
   *
   * @param firstTokenMillis time to the first token of the answer
   */
  record Served(
      AgentWorkload.Request request,
      String answer,
      int promptTokens,
      int computedTokens,
      double firstTokenMillis) {

    boolean isRight() {
      return answer.equals(request.answer());
    }
  }

  private final List<Served> served;

  private ServeRun(List<Served> served) {
    this.served = List.copyOf(served);
  }

  /** Serves the requests; {@code engine} gets each with its prompt and the tokens to generate. */
  static ServeRun of(
      List<AgentWorkload.Request> requests, Function<Call, Generation> engine, Progress progress) {
    var served = new ArrayList<Served>();
    for (AgentWorkload.Request request : requests) {
      int[] prompt = Vocabulary.encode(request.prompt());
      Generation generation = engine.apply(new Call(request, prompt));
      int[] answer = generation.answer();
      served.add(
          new Served(
              request,
              Vocabulary.decode(answer, 0, answer.length),
              generation.promptTokens(),
              generation.promptTokens() - generation.cachedTokens(),
              generation.firstTokenNanos() / NANOS_PER_MILLI));
      progress.step();
    }
    return new ServeRun(served);
  }

  /** A request on its way to an engine. */
  static final class Call {
    private final AgentWorkload.Request request;
    private final int[] prompt;

    Call(AgentWorkload.Request request, int[] prompt) {
      this.request = request;
      this.prompt = prompt;
    }

    Generation withoutCache(Generator generator) {
      return generator.generate(prompt, request.answer().length());
    }

    AgentWorkload.Request request() {
      return request;
    }

    int[] prompt() {
      return prompt.clone();
    }
  }

  List<Served> served() {
    return served;
  }

  long promptTokens() {
    return served.stream().mapToLong(Served::promptTokens).sum();
  }

  long computedTokens() {
    return served.stream().mapToLong(Served::computedTokens).sum();
  }

  long right() {
    return served.stream().filter(Served::isRight).count();
  }

  /** How many answers are those of another run of the same requests. */
  long equalTo(ServeRun other) {
    long equal = 0;
    for (int i = 0; i < served.size(); i++) {
      equal += served.get(i).answer().equals(other.served.get(i).answer()) ? 1 : 0;
    }
    return equal;
  }

  /** The least time to first token that a share of the requests does not exceed, in ms. */
  double firstTokenMillis(double share) {
    double[] sorted = served.stream().mapToDouble(Served::firstTokenMillis).sorted().toArray();
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }

  double[] firstTokenMillis() {
    return served.stream().mapToDouble(Served::firstTokenMillis).toArray();
  }

  /** Tokens of the longest prompt with its answer. */
  int longest() {
    return served.stream()
        .mapToInt(one -> one.promptTokens() + one.request().answer().length())
        .max()
        .orElse(0);
  }

  @Override
  public String toString() {
    return "%d requests, first tokens after %s ms"
        .formatted(served.size(), Arrays.toString(firstTokenMillis()));
  }
}
