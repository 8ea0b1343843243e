package org.kvcache.sim.peers;

import java.util.List;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

/** The catalogue of the policies of other engines. */
public final class Peers implements PolicyCatalog {

  static final PolicySpec OFFLOAD_ARC =
      PolicySpec.published(
          "vllm-offload-arc",
          "vLLM's ARC for its CPU tier (v1/kv_offload)",
          OffloadArcPolicy.GHOSTS,
          OffloadArcPolicy::new);

  static final PolicySpec MULTI_LRU =
      PolicySpec.published(
          "kvbm-multilru", "Dynamo KVBM's four LRU levels by use count", 0, MultiLruPolicy::new);

  static final PolicySpec SLRU =
      new PolicySpec(
          "sglang-slru",
          "SGLang's radix cache with two segments, leaves only",
          true,
          0,
          false,
          SlruPolicy::new);

  /** Called by {@link java.util.ServiceLoader}. */
  public Peers() {}

  @Override
  public List<PolicySpec> policies() {
    return List.of(OFFLOAD_ARC, MULTI_LRU, SLRU);
  }
}
