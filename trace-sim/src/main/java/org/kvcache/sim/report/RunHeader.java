package org.kvcache.sim.report;

import java.util.List;
import org.kvcache.sim.RunSettings;

/**
 * What all results of one command have in common.
 *
 * @param version kvcache's version
 * @param arguments the command line without the program's name
 * @param settings how the traces were replayed
 */
public record RunHeader(String version, List<String> arguments, RunSettings settings) {

  /** Copies the list. */
  public RunHeader {
    arguments = List.copyOf(arguments);
  }
}
