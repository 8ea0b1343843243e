package org.kvcache.sim.cli;

/**
 * Adds a command to {@code kvcache}; found by {@link java.util.ServiceLoader}.
 *
 * <p>The command is an object with picocli's {@code @Command(name = …)}, a {@link Runnable} or a
 * {@code Callable<Integer>} that returns the exit code: 0 for success, 2 for what the user can
 * mend. Help, version and exit codes are added to it; it prints through {@code
 * spec.commandLine().getOut()} and reports bad input by throwing an {@link
 * IllegalArgumentException} with one sentence for the user.
 */
public interface CommandProvider {

  /** A fresh command object. */
  Object command();
}
