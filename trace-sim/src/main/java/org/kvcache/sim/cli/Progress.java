package org.kvcache.sim.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar with the time left, on standard error, only when that is a terminal. Thread-safe. */
public final class Progress implements AutoCloseable {
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");
  private static final int UPDATE_MILLIS = 200;

  private final @Nullable ProgressBar bar;

  private Progress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  /**
   * Starts a bar.
   *
   * @param task what is going on
   * @param steps how often {@link #step} will be called
   * @param quiet true to show nothing
   */
  public static Progress start(String task, long steps, boolean quiet) {
    if (quiet || steps < 2 || !onTerminal()) {
      return new Progress(null);
    }
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .setConsumer(new ConsoleProgressBarConsumer(System.err))
            .build());
  }

  private static boolean onTerminal() {
    try {
      String target = Files.readSymbolicLink(STANDARD_ERROR).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      // No /proc here: then only standard input and output can be asked about.
      return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }
  }

  /** One more step is done. */
  public void step() {
    if (bar != null) {
      bar.step();
    }
  }

  /** Steps that fell away. */
  void skip(long steps) {
    if (bar != null) {
      bar.maxHint(bar.getMax() - steps);
    }
  }

  /** What is going on. */
  public void say(String message) {
    if (bar != null) {
      bar.setExtraMessage(" " + message);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
