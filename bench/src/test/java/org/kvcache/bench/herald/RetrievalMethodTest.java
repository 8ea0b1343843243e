package org.kvcache.bench.herald;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.Retrieval;

class RetrievalMethodTest {

  @ParameterizedTest
  @CsvSource({
    "herald, 2, false, true",
    "herald:1, 1, false, true",
    "herald:4:token, 4, true, true",
    "herald-diverse:3:once, 3, false, false",
    "exact:token:once, 2, true, false",
    "exact-step, 2, false, false"
  })
  void namesSayHowIsChosen(String name, int queries, boolean byToken, boolean ahead) {
    Retrieval settings =
        RetrievalMethod.parse(name).settings(0.25, KeyScheme.parse("f32/mxfp4")).build();
    assertThat(settings.retriever()).isEqualTo(name.replaceAll(":.*", ""));
    assertThat(settings.queries()).isEqualTo(queries);
    assertThat(settings.byToken()).isEqualTo(byToken);
    assertThat(settings.lookAhead()).isEqualTo(ahead);
    assertThat(settings.budget()).isEqualTo(0.25);
    assertThat(settings.scoredKeys()).isEqualTo("mxfp4");
  }

  @Test
  void whatSeesAllNeedsOneBudget() {
    List<Double> budgets = List.of(0.05, 0.1);
    assertThat(RetrievalMethod.parse("all").budgets(budgets)).containsExactly(1.0);
    assertThat(RetrievalMethod.parse("dense").budgets(budgets)).containsExactly(1.0);
    assertThat(RetrievalMethod.parse("exact").budgets(budgets)).isEqualTo(budgets);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "heralds        | unknown retriever 'heralds'; known:",
        "herald:two     | --retrievers 'herald:two' is not NAME[:QUERIES][:token][:once]; write",
        "herald:once:2  | --retrievers 'herald:once:2' is not",
        "dense:2        | dense chooses nothing; write dense alone"
      })
  void otherNamesAreRefused(String name, String message) {
    assertThatThrownBy(() -> RetrievalMethod.parse(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
