package org.kvcache.offload.pipeline;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that help a caller with the KV heads of a layer. Any number of callers share them; each
 * works itself, so that nothing waits for a thread that is busy elsewhere.
 */
final class HeadTeam implements AutoCloseable {

  private static final int QUEUE = 1024;

  private final int threads;
  private final ThreadPoolExecutor executor;

  HeadTeam(int threads) {
    this.threads = threads;
    executor =
        new ThreadPoolExecutor(
            Math.max(1, threads),
            Math.max(1, threads),
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            task -> {
              var thread = new Thread(task, "kvcache-retrieval");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy()); // the caller does what nobody takes
    executor.allowCoreThreadTimeOut(true);
  }

  /** What is to be done for each head. */
  @FunctionalInterface
  interface Task {
    void run(int head);
  }

  /** Rounds of one caller over so many heads. */
  Rounds rounds(int heads) {
    return new Rounds(heads);
  }

  /** One caller's rounds, one after the other; belongs to one thread at a time. */
  final class Rounds implements Runnable {

    private final int heads;
    private final AtomicInteger next;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private @Nullable Task task;
    private volatile @Nullable Thread caller;

    private Rounds(int heads) {
      this.heads = heads;
      next = new AtomicInteger(heads);
    }

    /** Runs the task for every head and returns when all have ended; throws what one threw. */
    void run(Task of) {
      task = of;
      failure.set(null);
      caller = Thread.currentThread();
      done.set(0);
      next.set(0); // volatile: whoever takes a head from here on sees the task
      for (int i = Math.min(threads, heads - 1); i > 0; i--) {
        executor.execute(this);
      }
      run();
      while (done.get() < heads) {
        LockSupport.park(this);
      }
      switch (failure.get()) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }

    /**
     * Takes heads while there are some; one that comes late finds none, or those of a new round.
     */
    @Override
    public void run() {
      for (int head = next.getAndIncrement(); head < heads; head = next.getAndIncrement()) {
        try {
          if (task != null) {
            task.run(head);
          }
        } catch (RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        } finally {
          Thread waiting = caller;
          if (done.incrementAndGet() == heads) {
            LockSupport.unpark(waiting);
          }
        }
      }
    }
  }

  @Override
  public void close() {
    executor.shutdown();
  }
}
