package org.kvcache.sim.trace;

/** Batch inference: every item is one of a few templates and its own text; all arrive at once. */
final class Batch implements Workload {
  /** In which order the items of the templates come. */
  enum Order {
    /** All items of a template on end. */
    GROUPED,
    /** One item of each template in turn. */
    INTERLEAVED,
    /** At random. */
    SHUFFLED
  }

  private final int templates;
  private final int items;
  private final Order order;
  private final int template;
  private final double item;
  private final double output;
  private final boolean partial;
  private final int blockTokens;

  private final Draws draws;
  private final IdSource ids;
  private final long templateStart;
  private int made;

  Batch(Parameters parameters, Draws draws, IdSource ids) {
    templates = parameters.whole("templates", 8, 1, 1_000_000);
    items = parameters.whole("items", 8000, 1, Integer.MAX_VALUE);
    order = parameters.choice("order", Order.SHUFFLED);
    template = parameters.whole("template", 8192, 0, 1 << 24);
    item = parameters.real("item", 1500, 1, 1e7);
    output = parameters.real("output", 100, 1, 1e6);
    partial = parameters.flag("partial", true);
    blockTokens = parameters.whole("block", 512, 1, 1 << 20);
    this.draws = draws;
    this.ids = ids;
    templateStart = ids.reserve(Math.multiplyExact(templates, template / blockTokens));
  }

  @Override
  public boolean next(Request into) {
    if (made == items) {
      return false;
    }
    int chosen =
        switch (order) {
          case GROUPED -> (int) ((long) made * templates / items);
          case INTERLEAVED -> made % templates;
          case SHUFFLED -> draws.below(templates);
        };
    made++;
    long start = templateStart + (long) chosen * (template / blockTokens);
    var prompt = new Conversation(blockTokens, ids, start, template);
    prompt.append(draws.tokens(item, 0.7));
    into.clear();
    prompt.fill(into, partial);
    into.outputTokens = draws.tokens(output, 0.5);
    return true;
  }

  @Override
  public int blockTokens() {
    return blockTokens;
  }
}
