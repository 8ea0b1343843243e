package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ChainKeysProperties {

  @Property
  void theBlockOfAKeyIsTheOneThatHasIt(@ForAll @IntRange(min = 0) int block) {
    assertThat(ChainKeys.block(ChainKeys.key(block))).isEqualTo(block);
  }
}
