package org.kvcache.sim.trace;

import java.util.PriorityQueue;

/**
 * Agent sessions: a large system prompt with tool definitions out of a few, then tens of turns,
 * each resending everything and appending a tool result or a message. A fixed number of sessions is
 * active at a time. A context that grows too long is replaced by the system prompt and a summary.
 * Sub-agents are short sessions on a system prompt of their own, started by a turn.
 */
final class Agentic implements Workload {
  private static final double MILLIS_PER_OUTPUT_TOKEN = 15;
  private static final double RAMP_MILLIS = 60_000;
  private static final int SUMMARY_TOKENS = 4000;

  private final int sessions;
  private final int active;
  private final int prompts;
  private final int system;
  private final int minTurns;
  private final int maxTurns;
  private final double task;
  private final double step;
  private final double output;
  private final double pause;
  private final double idle;
  private final double subagents;
  private final int context;
  private final boolean partial;
  private final int blockTokens;

  private final Draws draws;
  private final IdSource ids;
  private final long[] promptStart;
  private final PriorityQueue<LiveSession> live = new PriorityQueue<>(LiveSession.BY_TIME);
  private int started;
  private long order;
  private int numbered;

  Agentic(Parameters parameters, Draws draws, IdSource ids) {
    sessions = parameters.whole("sessions", 100, 1, Integer.MAX_VALUE);
    active = parameters.whole("active", 20, 1, 1_000_000);
    prompts = parameters.whole("prompts", 3, 1, 100_000);
    system = parameters.whole("system", 16_000, 0, 1 << 24);
    minTurns = parameters.whole("turns-min", 20, 1, 1_000_000);
    maxTurns = parameters.whole("turns-max", Math.max(100, minTurns), minTurns, 1_000_000);
    task = parameters.real("task", 2000, 1, 1e7);
    step = parameters.real("step", 900, 1, 1e7);
    output = parameters.real("output", 250, 1, 1e6);
    pause = parameters.real("pause", 6, 0, 1e6);
    idle = parameters.real("idle", 0.03, 0, 1);
    subagents = parameters.real("subagents", 0.02, 0, 1);
    context = parameters.whole("context", 160_000, 1, 1 << 28);
    partial = parameters.flag("partial", false);
    blockTokens = parameters.whole("block", 512, 1, 1 << 20);
    this.draws = draws;
    this.ids = ids;
    // The last prompt is that of the sub-agents.
    promptStart = new long[prompts + 1];
    for (int i = 0; i <= prompts; i++) {
      promptStart[i] = ids.reserve(systemTokens(i) / blockTokens);
    }
    for (int i = 0; i < Math.min(active, sessions); i++) {
      start(i * RAMP_MILLIS + draws.exponential(RAMP_MILLIS / 4));
    }
  }

  @Override
  public boolean next(Request into) {
    LiveSession session = live.poll();
    if (session == null) {
      return false;
    }
    if (session.number == Request.NONE) {
      session.number = numbered++;
    }
    int answer = draws.tokens(output, 1);
    session.emit(into, answer, partial);
    double busy = answer * MILLIS_PER_OUTPUT_TOKEN;
    if (session.turnsLeft > 0) {
      continueLater(session, answer, busy);
    } else if (session.prompt < prompts && started < sessions) {
      start(session.timeMillis + busy + draws.exponential(RAMP_MILLIS));
    }
    return true;
  }

  @Override
  public int blockTokens() {
    return blockTokens;
  }

  private void continueLater(LiveSession session, int answer, double busy) {
    if (session.prompt < prompts && draws.chance(subagents)) {
      int turns = draws.between(2, 12);
      add(prompts, session.timeMillis + busy, turns, draws.tokens(task, 0.8));
    }
    session.conversation.append(answer + draws.tokens(step, 1.2));
    if (session.conversation.tokens() > context) {
      session.conversation = conversation(session.prompt, SUMMARY_TOKENS);
    }
    boolean longPause = draws.chance(idle);
    session.timeMillis += busy + 1e3 * draws.logNormal(longPause ? 60 * pause : pause, 1);
    live.add(session);
  }

  private void start(double timeMillis) {
    started++;
    int prompt = draws.below(prompts);
    add(prompt, timeMillis, draws.between(minTurns, maxTurns), draws.tokens(task, 0.8));
  }

  private void add(int prompt, double timeMillis, int turns, int firstTokens) {
    Conversation conversation = conversation(prompt, firstTokens);
    live.add(new LiveSession(order++, prompt, conversation, timeMillis, turns));
  }

  private Conversation conversation(int prompt, int ownTokens) {
    var fresh = new Conversation(blockTokens, ids, promptStart[prompt], systemTokens(prompt));
    fresh.append(ownTokens);
    return fresh;
  }

  private int systemTokens(int prompt) {
    return (prompt < prompts) ? system : system / 4;
  }
}
