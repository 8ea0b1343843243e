package org.kvcache.bench.herald;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.bench.diffusion.LookUpTask;
import org.kvcache.sim.cli.Progress;

class AccuracyStudyTest {

  private static final int TOKENS = 784;
  private static final int HEADS_OF_ALL_LAYERS = 8;

  private static List<AccuracyRow> rows;

  @BeforeAll
  static void measure() {
    rows =
        run(
            AccuracyTasks.generated(2, 2, TOKENS, 3),
            "f32",
            "dense",
            "all",
            "exact",
            "exact-step",
            "exact:token",
            "herald:1",
            "herald:2",
            "herald:2:once",
            "herald-adaptive:4",
            "window");
  }

  private static List<AccuracyRow> run(List<LookUpTask> tasks, String scheme, String... methods) {
    var settings =
        new AccuracySettings(
            Stream.of(methods).map(RetrievalMethod::parse).toList(),
            List.of(KeyScheme.parse(scheme)),
            List.of(0.1),
            0.5,
            true);
    var study = new AccuracyStudy(settings, tasks);
    try (Progress progress = Progress.start("testing", study.steps(), true)) {
      return study.run(progress);
    }
  }

  private static AccuracyRow row(String method) {
    return rows.stream().filter(row -> row.method().equals(method)).findFirst().orElseThrow();
  }

  @Test
  void everythingIsAnsweredAsWithoutRetrieval() {
    AccuracyRow all = row("all");
    AccuracyRow dense = row("dense");
    assertThat(all.oneColumns()).isEqualTo(dense.oneColumns()).isGreaterThan(0.9);
    assertThat(all.twoColumns()).isEqualTo(dense.twoColumns()).isGreaterThan(0.9);
    assertThat(all.oneKept()).isCloseTo(1, within(1e-6));
    assertThat(all.twoKept()).isCloseTo(1, within(1e-6));
    assertThat(dense.oneKept()).isNull();
    assertThat(dense.wantedPages()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"exact", "herald:1", "herald:2", "herald:2:once", "herald-adaptive:4"})
  void oneNeedleIsFound(String method) {
    assertThat(row(method).oneBlocks()).isGreaterThanOrEqualTo(row("dense").oneBlocks());
  }

  @Test
  void twoNeedlesTakeTwoQueries() {
    assertThat(row("herald:1").twoBlocks()).isLessThan(0.5);
    assertThat(row("herald:2").twoBlocks()).isEqualTo(row("dense").twoBlocks());
    assertThat(row("exact").twoBlocks()).isEqualTo(row("dense").twoBlocks());
  }

  @Test
  void windowFindsNothing() {
    assertThat(row("window").oneBlocks()).isLessThan(0.5);
    assertThat(row("window").asked()).isNull();
  }

  @Test
  void moreQueriesKeepMoreAttention() {
    double one = row("herald:1").twoKept();
    double two = row("herald:2").twoKept();
    double exact = row("exact").twoKept();
    double everyStep = row("exact-step").twoKept();
    assertThat(List.of(row("window").twoKept(), one, two, exact, everyStep)).isSorted();
    assertThat(row("exact:token").twoKept()).isGreaterThan(exact).isLessThan(1.0);
  }

  @Test
  void askedTokensAreCounted() {
    assertThat(row("herald:1").asked()).isEqualTo(1);
    assertThat(row("herald:2").asked()).isEqualTo(2);
    assertThat(row("exact").asked()).isEqualTo(16);
    assertThat(row("exact-step").asked()).isEqualTo(16);
    assertThat(row("herald-adaptive:4").asked()).isBetween(1.0, 4.0);
  }

  @Test
  void chosenPagesAreThoseOfTheBudget() {
    // A tenth of 784 to 816 tokens, less the last 16, in pages of 16.
    assertThat(row("exact").wantedPages()).isEqualTo(4 * HEADS_OF_ALL_LAYERS);
    assertThat(row("exact:token").wantedPages())
        .isCloseTo((62 + 64 + 66) / 3.0 * HEADS_OF_ALL_LAYERS, within(1e-9));
    assertThat(row("exact").scannedKeys())
        .isEqualTo((TOKENS - 16 + TOKENS + TOKENS + 16) / 3.0 * HEADS_OF_ALL_LAYERS);
  }

  @Test
  void someOfTheChosenIsThereAlready() {
    assertThat(row("exact").movedShare()).isGreaterThan(0).isLessThan(1);
    assertThat(row("herald:2:once").hiddenShare()).isZero();
  }

  @Test
  void seedDecidesAll() {
    List<LookUpTask> tasks = AccuracyTasks.generated(8, 1, 256, 2);
    List<AccuracyRow> first = run(tasks, "f32/mxfp4", "herald:2", "quest");
    List<AccuracyRow> second =
        run(AccuracyTasks.generated(8, 1, 256, 2), "f32/mxfp4", "herald:2", "quest");
    assertThat(second)
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("hiddenShare")
        .isEqualTo(first);
    assertThat(AccuracyTasks.generated(9, 1, 256, 2)).isNotEqualTo(tasks);
  }
}
