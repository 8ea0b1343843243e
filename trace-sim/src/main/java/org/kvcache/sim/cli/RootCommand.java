package org.kvcache.sim.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** What {@code kvcache} does without a command: it lists them. */
@Command(
    name = "kvcache",
    description = {
      "KV caches for LLM serving. Replays request traces through the block manager and the policies"
          + " that serve, to show which policy and how much memory a workload needs; and measures"
          + " what four-bit formats of K and V do to attention.",
    },
    footer = {
      "",
      "Start with 'kvcache simulate', which needs no trace; 'kvcache COMMAND --help' tells more.",
      "KVCACHE_JAVA_OPTS holds options for the JVM, for example -Xmx8g.",
    })
final class RootCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of an error.")
  boolean debug;

  RootCommand() {
    spec = CommandSpec.create();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
