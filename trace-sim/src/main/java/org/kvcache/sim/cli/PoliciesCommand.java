package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import org.kvcache.sim.Simulator;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kvcache policies}. */
@Command(
    name = "policies",
    description = {
      "Lists the eviction policies.",
      "ghosts: evicted keys it remembers, as a multiple of the capacity."
          + " hints: whether it learns from hints itself; for the others the block manager evicts"
          + " blocks of ended sessions first. leaf-first: whether a block never goes before the"
          + " blocks that continue it.",
    })
final class PoliciesCommand implements Runnable {
  private static final String ROW = "%-16s %6s  %-5s  %-10s  %s%n";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(ROW, "policy", "ghosts", "hints", "leaf-first", "what it does");
    for (PolicySpec policy : PolicyCatalog.all()) {
      out.printf(
          ROW,
          policy.name(),
          BigDecimal.valueOf(policy.ghosts()).stripTrailingZeros().toPlainString(),
          policy.readsHints() ? "reads" : "-",
          policy.leafFirst() ? "yes" : "-",
          policy.summary());
    }
    out.printf(ROW, Simulator.OPT, "", "", "", "bound: Belady, knows the future");
    out.printf(ROW, Simulator.INFINITE, "", "", "", "bound: never evicts");
  }
}
