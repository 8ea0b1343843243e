package org.kvcache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicySpecTest {

  @ParameterizedTest
  @CsvSource({"0,10,11", "1,10,21", "0.5,1,3", "1.5,3,9", "2,1000000,3000001"})
  void entriesAreResidentsGhostsAndTheIncoming(double ghosts, int capacity, int entries) {
    PolicySpec spec = new PolicySpec("p", "", true, ghosts, false, FlatPolicies.LRU.factory());
    assertThat(spec.maxEntries(capacity)).isEqualTo(entries);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 64.1, Double.NaN, Double.POSITIVE_INFINITY})
  void ghostsAreWithinReason(double ghosts) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PolicySpec.published("greedy", "", ghosts, FlatPolicies.LRU.factory()))
        .withMessageContaining("greedy");
  }

  @Test
  void leafFirstVariantDiffersInThatOnly() {
    PolicySpec leaf = FlatPolicies.GHOSTLY.withLeafFirst("leaf", "guarded");
    assertThat(leaf.leafFirst()).isTrue();
    assertThat(leaf.name()).isEqualTo("leaf");
    assertThat(leaf.summary()).isEqualTo("guarded");
    assertThat(leaf.ghosts()).isEqualTo(2);
    assertThat(leaf.factory()).isSameAs(FlatPolicies.GHOSTLY.factory());
  }

  @Test
  void unknownNameSaysWhatIsKnown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PolicyCatalog.named("nosuch"))
        .withMessageContaining("unknown policy 'nosuch'")
        .withMessageContaining("known: ghost-fifo, hinted-lru, leaf-lru");
  }
}
