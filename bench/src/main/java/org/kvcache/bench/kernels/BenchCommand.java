package org.kvcache.bench.kernels;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code kvcache kernels bench}. */
@Command(name = "bench", description = "Times.")
final class BenchCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 0;
  }
}
