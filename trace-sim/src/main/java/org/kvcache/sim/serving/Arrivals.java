package org.kvcache.sim.serving;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import org.kvcache.sim.trace.Trace;

/** Turns a load into arrivals, some of which wait for the end of other requests. */
final class Arrivals {
  private static final int NONE = -1;

  private final Trace trace;
  private final Load load;
  private final EventQueue events;
  private final RandomGenerator random;

  /** By request: when it may arrive at the earliest. */
  private final double[] times;

  /** By request: the next one of its session. */
  private final int[] next;

  /** Requests that open a session, or have none, in order. */
  private final int[] openers;

  private int nextOpener;

  Arrivals(Trace trace, Load load, long seed, EventQueue events) {
    this.trace = trace;
    this.load = load;
    this.events = events;
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int requests = trace.requests();
    times = new double[requests];
    next = new int[requests];
    Arrays.fill(next, NONE);
    int[] last = new int[trace.sessions()];
    Arrays.fill(last, NONE);
    int[] opening = new int[requests];
    int count = 0;
    for (int request = 0; request < requests; request++) {
      int session = trace.session(request);
      if (session >= 0 && last[session] != NONE) {
        next[last[session]] = request;
      } else {
        opening[count++] = request;
      }
      if (session >= 0) {
        last[session] = request;
      }
    }
    openers = Arrays.copyOf(opening, count);
  }

  /** The arrivals that wait for nothing. */
  void start() {
    switch (load) {
      case Load.Recorded recorded -> {
        double first = trace.timeMillis(0);
        for (int request = 0; request < times.length; request++) {
          times[request] = (trace.timeMillis(request) - first) / 1e3 / recorded.speed();
        }
        openers();
      }
      case Load.Poisson poisson -> {
        double time = 0;
        for (int request = 0; request < times.length; request++) {
          time += exponential(1 / poisson.requestsPerSecond());
          times[request] = time;
        }
        openers();
      }
      case Load.Closed closed -> {
        int users = Math.min(closed.users(), openers.length);
        for (; nextOpener < users; nextOpener++) {
          arrive(pause(closed), openers[nextOpener]);
        }
      }
      case Load.AtOnce batch -> {
        for (int request : line(batch.order())) {
          arrive(0, request);
        }
        events.add(0, EventQueue.Kind.BATCH, 0);
      }
    }
  }

  private int[] line(Order order) {
    return order == Order.DEPTH_FIRST
        ? new DepthFirst(trace).requests()
        : IntStream.range(0, trace.requests()).toArray();
  }

  private void openers() {
    for (int request : openers) {
      arrive(times[request], request);
    }
  }

  /** The request is answered, or refused; what waited for it may come. */
  void ended(int request, double now) {
    int follower = next[request];
    if (load instanceof Load.Closed closed) {
      if (follower != NONE) {
        double pause =
            closed.thinkSeconds().isPresent()
                ? pause(closed)
                : (trace.timeMillis(follower) - trace.timeMillis(request)) / 1e3;
        arrive(now + pause, follower);
      } else if (nextOpener < openers.length) {
        arrive(now + pause(closed), openers[nextOpener++]);
      }
    } else if (follower != NONE && !(load instanceof Load.AtOnce)) {
      arrive(Math.max(now, times[follower]), follower);
    }
  }

  /** The next request of the same session, or -1. */
  int next(int request) {
    return next[request];
  }

  private void arrive(double time, int request) {
    events.add(time, EventQueue.Kind.ARRIVAL, request);
  }

  private double pause(Load.Closed closed) {
    return closed.thinkSeconds().isPresent() ? exponential(closed.thinkSeconds().getAsDouble()) : 0;
  }

  private double exponential(double mean) {
    return mean == 0 ? 0 : -mean * StrictMath.log1p(-random.nextDouble());
  }
}
