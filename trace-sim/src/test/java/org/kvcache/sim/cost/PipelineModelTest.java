package org.kvcache.sim.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineModelTest {

  private static final Percentage MILLIONTH = withinPercentage(1e-4);
  private static final int MOST_BATCH = 256;

  private static PipelineModel model(String model, String device) {
    return new PipelineModel(
        Presets.models(null).named(List.of(model)).getFirst(),
        Presets.devices(null).named(List.of(device)).getFirst());
  }

  @ParameterizedTest
  @CsvFileSource(resources = "golden.csv", numLinesToSkip = 1)
  void numbersAreThoseOfTheReference(ArgumentsAccessor row) {
    PipelineModel model = model(row.getString(0), row.getString(1));
    var work = new Workload(row.getInteger(2), row.getInteger(3), row.getInteger(4));
    if (row.getString(5).equals("dense")) {
      DenseEstimate dense = model.dense(work, model.denseRoom(work));
      assertThat(dense.batch()).isEqualTo(row.getInteger(13));
      assertThat(dense.blockSeconds()).isCloseTo(row.getDouble(14), MILLIONTH);
      assertThat(dense.tokensPerSecond()).isCloseTo(row.getDouble(15), MILLIONTH);
      return;
    }
    var plan =
        new RetrievalPlan(
            row.getDouble(6),
            row.getInteger(7),
            row.getDouble(8),
            row.getDouble(9),
            row.getInteger(10),
            row.getBoolean(11));
    int most = Math.min(MOST_BATCH, model.heraldRoom(work, plan));
    HeraldEstimate herald =
        row.get(12) == null
            ? model.bestHerald(work, plan, most)
            : model.herald(work, plan, row.getInteger(12));
    assertThat(herald.batch()).isEqualTo(row.getInteger(13));
    assertThat(herald.blockSeconds()).isCloseTo(row.getDouble(14), MILLIONTH);
    assertThat(herald.tokensPerSecond()).isCloseTo(row.getDouble(15), MILLIONTH);
    assertThat(herald.denoisingSeconds()).isCloseTo(row.getDouble(16), MILLIONTH);
    assertThat(herald.retrieval().cpuSeconds()).isCloseTo(row.getDouble(17), MILLIONTH);
    assertThat(herald.retrieval().linkSeconds()).isCloseTo(row.getDouble(18), MILLIONTH);
    assertThat(herald.retrieval().chainSeconds()).isCloseTo(row.getDouble(19), MILLIONTH);
    assertThat(herald.bound().label()).isEqualTo(row.getString(20));
  }

  @Test
  void cacheOfOneTokenIsThatOfTheShape() {
    assertThat(Presets.models(null).named(List.of(Presets.ALL)))
        .filteredOn(ModelShape::blockDiffusion)
        .extracting(ModelShape::kvBytesPerToken)
        .containsExactly(40_960.0, 147_456.0, 524_288.0, 57_344.0);
  }

  @Test
  void whatDoesNotFitHasNoRoom() {
    var plan = new RetrievalPlan(0.05, 1, 16, 0, 1, true);
    var work = new Workload(128 << 10, 32, 20);
    assertThat(model("llada-8b", "h100").denseRoom(work)).isZero();
    assertThat(model("llada-8b", "h100").heraldRoom(work, plan)).isPositive();
    assertThat(model("llada2-mini", "laptop").heraldRoom(work, plan)).isZero();
    assertThat(model("llada2-mini", "laptop").freeBytes()).isNegative();
    assertThat(model("llada-8b", "laptop").heraldRoom(work, plan)).isZero();
  }

  @Test
  void hostMemoryLimitsTheBatchToo() {
    var work = new Workload(128 << 10, 32, 20);
    var plan = new RetrievalPlan(0.001, 1, 16, 0, 1, true);
    PipelineModel model = model("llada-8b", "h100-pcie4");
    assertThat(model.heraldRoom(work, plan))
        .isEqualTo((int) (model.hostBytes() / model.cacheBytes(work)))
        .isLessThan((int) (model.freeBytes() / model.setBytes(work, plan)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0    | 1 | 16 | 0   | 1 | budget is 0.0; it must be above 0 and at most 1",
        "1.5  | 1 | 16 | 0   | 1 | budget is 1.5",
        "NaN  | 1 | 16 | 0   | 1 | budget is NaN",
        "0.05 | 0 | 16 | 0   | 1 | queries is 0; it must be at least 1",
        "0.05 | 1 | 0  | 0   | 1 | key-bits is 0.0; it must be above 0 and at most 32",
        "0.05 | 1 | 64 | 0   | 1 | key-bits is 64.0",
        "0.05 | 1 | 16 | -1  | 1 | reuse is -1.0; it must be within 0 and 1",
        "0.05 | 1 | 16 | 1.1 | 1 | reuse is 1.1",
        "0.05 | 1 | 16 | 0   | 0 | page is 0; it must be at least 1",
      })
  void plansOutsideTheirRangeAreRefused(
      double budget, int queries, double keyBits, double reuse, int page, String sentence) {
    assertThatThrownBy(() -> new RetrievalPlan(budget, queries, keyBits, reuse, page, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 32 | 20 | context is 0; 1 is the least",
        "1 | 0  | 20 | block is 0",
        "1 | 32 | 0  | steps is 0",
      })
  void workloadsOfNothingAreRefused(int context, int block, int steps, String sentence) {
    assertThatThrownBy(() -> new Workload(context, block, steps))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }
}
