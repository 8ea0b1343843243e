package org.kvcache.sim.reproduce;

import java.util.List;

/**
 * What a study found.
 *
 * @param title the paper and its claim, in a line
 * @param assumptions how we set it up, a line each
 * @param columns of the table
 * @param rows of the table, as text
 * @param claims published figures beside ours
 */
public record StudyResult(
    String title,
    List<String> assumptions,
    List<String> columns,
    List<List<String>> rows,
    List<Claim> claims) {

  /** Copies the lists. */
  public StudyResult {
    assumptions = List.copyOf(assumptions);
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    claims = List.copyOf(claims);
  }
}
