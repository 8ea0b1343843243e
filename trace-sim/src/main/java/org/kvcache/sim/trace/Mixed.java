package org.kvcache.sim.trace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.agrona.collections.Int2IntHashMap;

/**
 * Chat, agents, questions about documents by Zipf's law, and documents read once, side by side on
 * one server. The parts share no blocks and no sessions; {@code scale} multiplies their sizes.
 */
final class Mixed implements Workload {
  private final int blockTokens;
  private final PriorityQueue<Part> parts =
      new PriorityQueue<>(
          Comparator.<Part>comparingDouble(p -> p.head.timeMillis).thenComparingInt(p -> p.order));
  private int sessions;

  Mixed(Parameters parameters, Draws draws, IdSource ids) {
    double scale = parameters.real("scale", 1, 0.001, 1000);
    blockTokens = parameters.whole("block", 512, 1, 1 << 20);
    String block = ",block=" + blockTokens;
    var workloads = new ArrayList<Workload>();
    add(workloads, Generator.CHAT, "rate=1,sessions=" + sized(4000, scale) + block, draws, ids);
    String agents = ",active=24,pause=4,idle=0.01" + block;
    add(workloads, Generator.AGENTIC, "sessions=" + sized(80, scale) + agents, draws, ids);
    String documents = ",rate=1.2" + block;
    add(workloads, Generator.DOCQA, "requests=" + sized(5000, scale) + documents, draws, ids);
    String scan = ",mode=hot,hot-share=0,rate=0.36" + block;
    add(workloads, Generator.DOCQA, "requests=" + sized(1500, scale) + scan, draws, ids);
    for (int i = 0; i < workloads.size(); i++) {
      enqueue(new Part(i, workloads.get(i)));
    }
  }

  @Override
  public boolean next(Request into) {
    Part part = parts.poll();
    if (part == null) {
      return false;
    }
    Request head = part.head;
    into.clear();
    int session = (head.session == Request.NONE) ? Request.NONE : part.session(head.session, this);
    into.set(head.timeMillis, head.inputTokens, head.outputTokens, session, head.turn);
    into.addAll(head.ids, head.count);
    enqueue(part);
    return true;
  }

  @Override
  public int blockTokens() {
    return blockTokens;
  }

  private void enqueue(Part part) {
    if (part.workload.next(part.head)) {
      parts.add(part);
    }
  }

  private static void add(
      List<Workload> into, Generator generator, String text, Draws draws, IdSource ids) {
    into.add(generator.create(new Parameters(generator.label(), text), draws.fork(), ids));
  }

  private static int sized(int requests, double scale) {
    return (int) Math.max(1, Math.rint(requests * scale));
  }

  /** A workload with its next request read ahead. */
  private static final class Part {
    final int order;
    final Workload workload;
    final Request head = new Request();
    private final Int2IntHashMap sessions = new Int2IntHashMap(Request.NONE);

    Part(int order, Workload workload) {
      this.order = order;
      this.workload = workload;
    }

    int session(int own, Mixed whole) {
      int known = sessions.get(own);
      if (known == Request.NONE) {
        known = whole.sessions++;
        sessions.put(own, known);
      }
      return known;
    }
  }
}
