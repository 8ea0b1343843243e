package org.kvcache.bench.serve;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.kvcache.bench.model.UniqueText;

/**
 * Agents of several tenants. Every session begins with its tenant's instructions; each turn adds
 * the lines of a tool's output, a question that quotes the beginning of one of them, and the
 * model's answer, which is the rest of that line. Sessions take turns in random order.
 *
 * @param tenants tenants, each with instructions of its own
 * @param sessions sessions of a tenant
 * @param turns turns of a session
 * @param instructions tokens of the instructions
 * @param seed of everything random
 */
record AgentWorkload(int tenants, int sessions, int turns, int instructions, long seed) {

  private static final int LINE = 28;
  private static final int LINES = 4;
  private static final int QUOTED = 4;

  AgentWorkload {
    check("--tenants", tenants, 64);
    check("--sessions", sessions, 64);
    check("--turns", turns, 64);
    check("--instructions", instructions, 4096);
    long longest = instructions + (long) turns * ((LINES + 1L) * (LINE + 1));
    if (longest > 7_000) {
      throw new IllegalArgumentException(
          "a session of %d tokens at the end; the tiny model takes 7000, so give fewer --turns or"
                  .formatted(longest)
              + " --instructions");
    }
  }

  private static void check(String name, int value, int most) {
    if (value < 1 || value > most) {
      throw new IllegalArgumentException(
          "%s is %d; it must be within 1 and %d".formatted(name, value, most));
    }
  }

  /**
   * One request.
   *
   * @param tenant whose it is
   * @param session number over all tenants
   * @param turn number within the session, from 0
   * @param prompt everything said so far
   * @param answer the right one
   */
  record Request(int tenant, int session, int turn, String prompt, String answer) {}

  /** The requests in the order of their arrival. */
  List<Request> requests() {
    var random = new Random(seed);
    var byTurn = new ArrayList<List<Request>>();
    for (int turn = 0; turn < turns; turn++) {
      byTurn.add(new ArrayList<>());
    }
    for (int tenant = 0; tenant < tenants; tenant++) {
      var text = new UniqueText(seed * 1000 + tenant);
      String start = text.next(instructions);
      for (int session = 0; session < sessions; session++) {
        var said = new StringBuilder(start);
        for (int turn = 0; turn < turns; turn++) {
          byTurn.get(turn).add(turn(text, said, random, tenant, session, turn));
        }
      }
    }
    byTurn.forEach(turn -> Collections.shuffle(turn, random));
    return byTurn.stream().flatMap(List::stream).toList();
  }

  private Request turn(
      UniqueText text, StringBuilder said, Random random, int tenant, int session, int turn) {
    var lines = new ArrayList<String>();
    for (int i = 0; i < LINES; i++) {
      lines.add(text.line(LINE));
    }
    lines.forEach(said::append);
    String wanted = lines.get(random.nextInt(LINES));
    said.append(wanted, 0, QUOTED);
    String answer = wanted.substring(QUOTED);
    var request = new Request(tenant, tenant * sessions + session, turn, said.toString(), answer);
    said.append(answer);
    return request;
  }

  @Override
  public String toString() {
    return "%,d requests of %d tenants with %d sessions of %d turns each"
        .formatted(tenants * sessions * turns, tenants, sessions, turns);
  }
}
