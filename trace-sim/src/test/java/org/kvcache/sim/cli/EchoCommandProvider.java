package org.kvcache.sim.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command of another module, as {@link java.util.ServiceLoader} finds it in the tests. */
public final class EchoCommandProvider implements CommandProvider {

  @Override
  public Object command() {
    return new Echo();
  }

  @Command(name = "echo", description = "Prints its argument, or fails as told.")
  static final class Echo implements Runnable {
    @Spec private CommandSpec spec;

    @Parameters private String text;

    @Override
    public void run() {
      switch (text) {
        case "bad" -> throw new IllegalArgumentException("that is bad; say something else");
        case "bug" -> throw new IllegalStateException("a bug");
        case "foreign" -> Integer.parseInt("x");
        case "memory" -> throw new OutOfMemoryError("Java heap space");
        default -> spec.commandLine().getOut().println(text);
      }
    }
  }
}
