package org.kvcache.bench.kernels;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvcache kernels}. */
@Command(
    name = "kernels",
    description = "Checks and times the attention kernels of this machine.",
    subcommands = {CheckCommand.class, BenchCommand.class})
final class KernelsCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command: check or bench");
  }
}
