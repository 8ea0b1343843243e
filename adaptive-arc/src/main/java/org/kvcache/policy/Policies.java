package org.kvcache.policy;

import java.util.List;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

/** The catalogue of this module. */
public final class Policies implements PolicyCatalog {

  static final PolicySpec ADAPTIVE =
      new PolicySpec(
          "adaptive",
          "tournament of hazard, LRU and ARC on sampled shadows; the default",
          true,
          ReuseClasses.GHOSTS,
          true,
          AdaptivePolicy::new);

  static final PolicySpec HAZARD =
      new PolicySpec(
          "hazard",
          "learned reuse-age curves by class of block, Gittins rank",
          true,
          ReuseClasses.GHOSTS,
          true,
          HazardPolicy::new);

  static final PolicySpec LRU =
      PolicySpec.published("lru", "least recently used, tail first (vLLM)", 0, LruPolicy::new);

  static final PolicySpec ARC =
      PolicySpec.published("arc", "ARC (Megiddo and Modha, FAST 2003)", 1, ArcPolicy::new);

  static final PolicySpec ARC_LEAF =
      ARC.withLeafFirst("arc-leaf", "ARC that never evicts a block before its continuations");

  static final PolicySpec FIFO =
      PolicySpec.published("fifo", "first in, first out", 0, FifoPolicy::new);

  static final PolicySpec LFU =
      PolicySpec.published("lfu", "least frequently used while cached", 0, LfuPolicy::new);

  static final PolicySpec LFU_DA =
      PolicySpec.published(
          "lfu-da", "LFU with dynamic ageing (Arlitt et al., PER 2000)", 0, LfuDaPolicy::new);

  static final PolicySpec TWO_QUEUE =
      PolicySpec.published(
          "2q", "2Q (Johnson and Shasha, VLDB 1994)", TwoQueuePolicy.KOUT, TwoQueuePolicy::new);

  static final PolicySpec LIRS =
      PolicySpec.published(
          "lirs", "LIRS (Jiang and Zhang, SIGMETRICS 2002)", LirsPolicy.GHOSTS, LirsPolicy::new);

  static final PolicySpec SIEVE =
      PolicySpec.published("sieve", "SIEVE (Zhang et al., NSDI 2024)", 0, SievePolicy::new);

  static final PolicySpec S3_FIFO =
      PolicySpec.published(
          "s3-fifo", "S3-FIFO (Yang et al., SOSP 2023)", S3FifoPolicy.GHOSTS, S3FifoPolicy::new);

  static final PolicySpec W_TINYLFU =
      PolicySpec.published(
          "w-tinylfu", "W-TinyLFU (Einziger et al., TOS 2017)", 0, WindowTinyLfuPolicy::new);

  /** Called by {@link java.util.ServiceLoader}. */
  public Policies() {}

  @Override
  public List<PolicySpec> policies() {
    return List.of(
        ADAPTIVE, HAZARD, LRU, ARC, ARC_LEAF, FIFO, LFU, LFU_DA, TWO_QUEUE, LIRS, SIEVE, S3_FIFO,
        W_TINYLFU);
  }
}
