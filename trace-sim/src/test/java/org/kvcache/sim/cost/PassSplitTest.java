package org.kvcache.sim.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kvcache.sim.cost.MeasuredPass.Phase;

class PassSplitTest {
  private static final List<MeasuredPass> PASSES =
      PassSamples.measured(PassSamples.H100, PassSamples.both());

  @Test
  void oneOfFiveNeighboursIsHeldBack() {
    PassSplit split = PassSplit.of(PASSES, 0.2, 0);
    assertThat(split.heldBack()).hasSize(10);
    assertThat(split.heldBack())
        .filteredOn(pass -> pass.shape().phase() == Phase.DECODE)
        .hasSize(4);
    assertThat(split.shapes()).isEqualTo(50);
  }

  @Test
  void theSeedDecidesAndTheOrderOfTheFileDoesNot() {
    List<MeasuredPass> held = PassSplit.of(PASSES, 0.2, 0).heldBack();
    assertThat(PassSplit.of(PASSES, 0.2, 1).heldBack()).isNotEqualTo(held);
    var backwards = new ArrayList<>(PASSES);
    Collections.reverse(backwards);
    assertThat(PassSplit.of(backwards, 0.2, 0).heldBack())
        .containsExactlyInAnyOrderElementsOf(held);
  }

  @Test
  void aShareOfNoneHoldsNothingBackAndASmallOneOneShape() {
    assertThat(PassSplit.of(PASSES, 0, 0).heldBack()).isEmpty();
    assertThat(PassSplit.of(PASSES, 0.001, 0).heldBack()).hasSize(1);
  }
}
