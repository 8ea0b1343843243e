package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.cost.RetrievalPlan;

class ServingConfigTest {
  private static final ServingConfig LLAMA =
      ServingConfig.of(Machines.model("llama3-8b"), Machines.device("h100"), "lru");

  @Test
  void modelLargerThanTheDeviceIsSaidWithTheNumbers() {
    var large = ServingConfig.of(Machines.model("llama3-70b"), Machines.device("h100"), "lru");
    assertThatThrownBy(() -> large.slots(16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("llama3-70b takes ")
        .hasMessageContaining(" in 16 bits; 1 x h100 has ")
        .hasMessageContaining("use more GPUs for each replica");
    assertThat(Machines.withGpus(large, 4).slots(16)).isPositive();
  }

  @Test
  void cacheLargerThanTheMemoryIsSaidWithTheNumbers() {
    double free = LLAMA.passes().freeBytes();
    assertThat(LLAMA.withCacheBytes(free).slots(16)).isEqualTo(LLAMA.slots(16));
    assertThatThrownBy(() -> LLAMA.withCacheBytes(free * 1.1).slots(16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not fit: 1 x h100 has")
        .hasMessageContaining("give less or leave it out");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1000, -1, Double.NaN})
  void cacheSmallerThanABlockIsRefused(double bytes) {
    assertThatThrownBy(() -> LLAMA.withCacheBytes(bytes).slots(16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds no block of 16 tokens, which takes ");
  }

  @Test
  void slotsAreWholeBlocksOfWhatIsLeft() {
    double free = LLAMA.passes().freeBytes();
    double block = 16 * LLAMA.model().kvBytesPerToken();
    assertThat(LLAMA.slots(16)).isEqualTo((int) (free / block));
    assertThat(LLAMA.withCacheBytes(3.9 * block).slots(16)).isEqualTo(3);
    var retrieval =
        LLAMA.withDecoding(new Decoding.Herald(32, 20, new RetrievalPlan(0.05, 1, 16, 0, 1, true)));
    assertThat(retrieval.slots(16)).isEqualTo((int) (0.9 * 1500e9 / block));
  }

  @Test
  void tiersGoFromNearToFar() {
    var host = new TierSize(TierSize.Place.HOST, 1e9);
    var disk = new TierSize(TierSize.Place.DISK, 1e9);
    assertThat(LLAMA.withTiers(List.of(host, disk)).tiers()).containsExactly(host, disk);
    for (List<TierSize> wrong : List.of(List.of(disk, host), List.of(host, host))) {
      assertThatThrownBy(() -> LLAMA.withTiers(wrong))
          .hasMessage("tiers must go from near to far, each place once: host, disk, remote");
    }
    assertThatThrownBy(() -> new TierSize(TierSize.Place.DISK, 0))
        .hasMessage("the disk tier has 0.0 bytes; give more than 0");
  }

  @Test
  void tierWithoutRoomForABlockIsRefused() {
    var config = LLAMA.withTiers(List.of(new TierSize(TierSize.Place.REMOTE, 1000)));
    var simulator = new ServingSimulator(Prompts.of(16, 4, 1));
    assertThatThrownBy(() -> simulator.run(config, new Load.Recorded(1), 1))
        .hasMessage("the remote tier holds no block of 16 tokens; give it more");
  }

  @Test
  void retrievalHasNoTiers() {
    var decoding = new Decoding.Herald(32, 20, new RetrievalPlan(0.05, 1, 16, 0, 1, true));
    ServingConfig tiered = LLAMA.withTiers(List.of(new TierSize(TierSize.Place.HOST, 1e9)));
    assertThatThrownBy(() -> tiered.withDecoding(decoding))
        .hasMessageContaining("leave out the tiers");
  }

  @Test
  void gpusThatAreNotConnectedShareNoModel() {
    var laptop = ServingConfig.of(Machines.model("llama3-8b"), Machines.device("laptop"), "lru");
    assertThatThrownBy(() -> Machines.withGpus(laptop, 2).slots(16))
        .hasMessageContaining("states no interconnect");
  }

  @Test
  void numbersThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> LLAMA.withReplicas(0)).hasMessage("replicas is 0; 1 is the least");
    assertThatThrownBy(() -> new Decoding.BlockDiffusion(0, 1))
        .hasMessage("block is 0; 1 is the least");
    assertThatThrownBy(() -> new Decoding.BlockDiffusion(1, 0))
        .hasMessage("steps is 0; 1 is the least");
    var recompute = Batching.Preemption.RECOMPUTE;
    assertThatThrownBy(() -> new Batching(0, 1, recompute, 0))
        .hasMessage("sequences is 0; 1 is the least");
    assertThatThrownBy(() -> new Batching(1, 0, recompute, 0))
        .hasMessage("pass tokens is 0; 1 is the least");
    assertThatThrownBy(() -> new Batching(1, 1, recompute, 1))
        .hasMessage("watermark is 1.0; it must be from 0 to below 1");
    assertThatThrownBy(() -> new Batching(1, 1, recompute, Double.NaN)).hasMessageContaining("NaN");
  }

  @Test
  void unknownPolicyIsSaid() {
    var simulator = new ServingSimulator(Prompts.of(16, 4, 1));
    assertThatThrownBy(() -> simulator.run(LLAMA.withPolicy("no such"), new Load.Recorded(1), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown policy 'no such'");
  }
}
