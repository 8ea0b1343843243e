package org.kvcache.sim.cli;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.ByteSize;
import org.kvcache.sim.serving.TierSize;
import picocli.CommandLine.Option;

/** The options that say which tiers lie below the GPU. */
final class TierArguments {
  @Option(
      names = "--host-cache",
      paramLabel = "BYTES",
      description = "Keep blocks in host memory too, so much for each replica.")
  private @Nullable String host;

  @Option(
      names = "--disk-cache",
      paramLabel = "BYTES",
      description = "Keep blocks on local disk too, so much for each replica.")
  private @Nullable String disk;

  @Option(
      names = "--remote-cache",
      paramLabel = "BYTES",
      description = "Keep blocks in storage that all replicas share, so much in all.")
  private @Nullable String remote;

  /** Called by picocli. */
  TierArguments() {}

  List<TierSize> tiers() {
    var tiers = new ArrayList<TierSize>();
    add(tiers, "--host-cache", host, TierSize.Place.HOST);
    add(tiers, "--disk-cache", disk, TierSize.Place.DISK);
    add(tiers, "--remote-cache", remote, TierSize.Place.REMOTE);
    return tiers;
  }

  private static void add(
      List<TierSize> tiers, String option, @Nullable String text, TierSize.Place place) {
    if (text != null) {
      double bytes = ByteSize.parse(text.strip()).map(BigDecimal::doubleValue).orElse(0.0);
      if (!(bytes > 0)) {
        throw new IllegalArgumentException(
            "%s '%s' is not a size; write bytes, for example 200GB or 64GiB"
                .formatted(option, text));
      }
      tiers.add(new TierSize(place, bytes));
    }
  }
}
