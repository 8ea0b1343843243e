package org.kvcache.sim.trace;

import java.util.Comparator;

/** A generated session with turns still to come. */
final class LiveSession {
  /** By the time of the next turn; ties go to the older session. */
  static final Comparator<LiveSession> BY_TIME =
      Comparator.<LiveSession>comparingDouble(s -> s.timeMillis).thenComparingLong(s -> s.order);

  final long order;
  final int prompt;
  Conversation conversation;
  double timeMillis;
  int turnsLeft;
  int number = Request.NONE;
  int turn;

  /** A session whose first turn comes at {@code timeMillis}; {@code prompt} is its kind. */
  LiveSession(long order, int prompt, Conversation conversation, double timeMillis, int turns) {
    this.order = order;
    this.prompt = prompt;
    this.conversation = conversation;
    this.timeMillis = timeMillis;
    turnsLeft = turns;
  }

  /** Writes the present turn and moves on to the next. */
  void emit(Request into, int output, boolean partial) {
    into.clear();
    conversation.fill(into, partial);
    into.timeMillis = Math.rint(timeMillis);
    into.outputTokens = output;
    into.session = number;
    into.turn = turn++;
    turnsLeft--;
  }
}
