package org.kvcache.sim.report.serving;

import java.util.List;

/**
 * How results came about.
 *
 * @param version kvcache's version
 * @param command the command line without the program's name
 * @param load how requests arrived, as the user is to read it
 * @param confidence of all intervals, between 0 and 1
 */
public record RunNote(String version, List<String> command, String load, double confidence) {

  /** Copies the list and checks the confidence. */
  public RunNote {
    command = List.copyOf(command);
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "confidence of " + confidence + "; give a share between 0 and 1, such as 0.95");
    }
  }
}
