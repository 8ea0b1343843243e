package org.kvcache.bench.herald;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvcache herald}. */
@Command(
    name = "herald",
    description = "Block diffusion with the cache on the host and a chosen set on the GPU.",
    subcommands = {PipelineCommand.class, AccuracyCommand.class})
final class HeraldCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Missing command: " + String.join(" or ", spec.subcommands().keySet()));
  }
}
