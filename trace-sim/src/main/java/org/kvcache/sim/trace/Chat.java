package org.kvcache.sim.trace;

import java.util.PriorityQueue;

/**
 * Multi-turn chat. Sessions start as a Poisson process and have a geometric number of turns, so
 * most are short; each turn resends the conversation with the last answer and a new message.
 * Between turns lie the time to generate and a log-normal time to think.
 */
final class Chat implements Workload {
  private static final double MILLIS_PER_OUTPUT_TOKEN = 20;

  private final int sessions;
  private final double rate;
  private final double turns;
  private final double think;
  private final double user;
  private final double userSpread;
  private final double output;
  private final int system;
  private final boolean partial;
  private final int blockTokens;

  private final Draws draws;
  private final IdSource ids;
  private final long systemStart;
  private final PriorityQueue<LiveSession> live = new PriorityQueue<>(LiveSession.BY_TIME);
  private int started;
  private double nextStart;

  Chat(Parameters parameters, Draws draws, IdSource ids) {
    sessions = parameters.whole("sessions", 5000, 1, Integer.MAX_VALUE);
    rate = parameters.real("rate", 1.5, 1e-6, 1e6);
    turns = parameters.real("turns", 2.5, 1, 1000);
    think = parameters.real("think", 45, 0, 1e6);
    user = parameters.real("user", 3000, 1, 1e6);
    userSpread = parameters.real("spread", 1.5, 0, 3);
    output = parameters.real("output", 350, 1, 1e6);
    system = parameters.whole("system", 600, 0, 1 << 24);
    partial = parameters.flag("partial", true);
    blockTokens = parameters.whole("block", 512, 1, 1 << 20);
    this.draws = draws;
    this.ids = ids;
    systemStart = ids.reserve(system / blockTokens);
    nextStart = draws.exponential(1e3 / rate);
  }

  @Override
  public boolean next(Request into) {
    LiveSession session = live.peek();
    if (started < sessions && (session == null || nextStart <= session.timeMillis)) {
      session = start();
    } else if (session == null) {
      return false;
    } else {
      live.remove();
    }
    int answer = draws.tokens(output, 0.8);
    session.emit(into, answer, partial);
    if (session.turnsLeft > 0) {
      session.conversation.append(answer + draws.tokens(user, userSpread));
      session.timeMillis += answer * MILLIS_PER_OUTPUT_TOKEN + 1e3 * draws.logNormal(think, 1.2);
      live.add(session);
    }
    return true;
  }

  @Override
  public int blockTokens() {
    return blockTokens;
  }

  private LiveSession start() {
    var conversation = new Conversation(blockTokens, ids, systemStart, system);
    conversation.append(draws.tokens(user, userSpread));
    var session = new LiveSession(started, 0, conversation, nextStart, draws.geometric(turns));
    session.number = started++;
    nextStart += draws.exponential(1e3 / rate);
    return session;
  }
}
