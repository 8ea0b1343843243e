package org.kvcache.offload;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandInterruptedException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.resource.ClientResources;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection to a server or a cluster: made when it is first needed, and dropped, with all that
 * is queued on it, as soon as anything on it failed or timed out. So nothing piles up behind a
 * stalled server, no reply is taken for that of another request, and after an outage there is
 * nothing to mend. Thread-safe.
 */
final class RedisLink implements AutoCloseable {

  private static final Logger LOGGER = System.getLogger(RedisLink.class.getName());

  /** For TCP and the greeting, in the background; a call waits for its own time-out at most. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /**
   * How long a start-up waits for the first connection: the client's first takes longer than a call
   * may wait. A server that is down refuses at once.
   */
  private static final Duration START_PATIENCE = Duration.ofSeconds(1);

  /** Far over one batch of requests; what is beyond is refused, not kept. */
  private static final int QUEUE_LIMIT = 1 << 14;

  private static final int THREADS = 2;

  private final Duration timeout;
  private final ClientResources resources;
  private final AbstractRedisClient client;
  private final Supplier<CompletionStage<? extends StatefulConnection<byte[], MemorySegment>>> dial;
  private @Nullable CompletableFuture<StatefulConnection<byte[], MemorySegment>> connection;
  private boolean closed;

  /** Connects, or goes on to try in the background. */
  RedisLink(RedisSettings settings) {
    timeout = settings.timeout();
    resources =
        ClientResources.builder()
            .ioThreadPoolSize(THREADS)
            .computationThreadPoolSize(THREADS)
            .build();
    List<RedisURI> uris = settings.uris().stream().map(RedisLink::withConnectTimeout).toList();
    if (settings.cluster()) {
      RedisClusterClient cluster = RedisClusterClient.create(resources, uris);
      cluster.setOptions(options(ClusterClientOptions.builder()).build());
      client = cluster;
      dial =
          () ->
              cluster
                  .refreshPartitionsAsync()
                  .thenCompose(_ -> cluster.connectAsync(RecordCodec.RECORDS));
    } else {
      RedisClient single = RedisClient.create(resources, uris.getFirst());
      single.setOptions(options(ClientOptions.builder()).build());
      client = single;
      dial = () -> single.connectAsync(RecordCodec.RECORDS, uris.getFirst());
    }
    try {
      var _ = await(connection(), System.nanoTime() + START_PATIENCE.toNanos());
    } catch (RedisException e) {
      LOGGER.log(Level.DEBUG, "no connection yet", e);
    }
  }

  private static RedisURI withConnectTimeout(RedisURI uri) {
    return RedisURI.builder(uri).withTimeout(CONNECT_TIMEOUT).build();
  }

  private static <B extends ClientOptions.Builder> B options(B builder) {
    builder
        .autoReconnect(false)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .requestQueueSize(QUEUE_LIMIT)
        .socketOptions(SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).build())
        .timeoutOptions(TimeoutOptions.create())
        .maintNotificationsConfig(MaintNotificationsConfig.disabled());
    return builder;
  }

  /**
   * Sends requests at once and waits until all are answered; a request that the server answers with
   * an error counts as answered.
   *
   * @throws RedisException if there is no connection, or if it fails or times out; the requests
   *     that were not answered are cancelled
   */
  void exchange(List<? extends AsyncCommand<byte[], MemorySegment, ?>> requests) {
    long deadline = System.nanoTime() + timeout.toNanos();
    StatefulConnection<byte[], MemorySegment> open = await(connection(), deadline);
    boolean answered = false;
    try {
      open.dispatch(requests);
      for (AsyncCommand<byte[], MemorySegment, ?> request : requests) {
        awaitAnswer(request, deadline);
      }
      answered = true;
    } catch (RejectedExecutionException e) {
      throw new RedisException("the tier is closed", e);
    } finally {
      if (!answered) {
        requests.forEach(AsyncCommand::cancel);
        drop(open);
      }
    }
  }

  private void awaitAnswer(AsyncCommand<byte[], MemorySegment, ?> request, long deadline) {
    try {
      await(request, deadline);
    } catch (RedisCommandExecutionException e) {
      assert request.isDone(); // an error is an answer
    }
  }

  private <T> T await(CompletableFuture<T> future, long deadline) {
    try {
      return future.get(deadline - System.nanoTime(), NANOSECONDS);
    } catch (TimeoutException e) {
      throw new RedisCommandTimeoutException("no answer within " + timeout.toMillis() + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RedisCommandInterruptedException(e);
    } catch (CancellationException e) {
      throw new RedisException("the connection was closed", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RedisException failure
          ? failure
          : new RedisException(e.getCause());
    }
  }

  /** The connection, perhaps still being made; a new one if the last one is of no more use. */
  private synchronized CompletableFuture<StatefulConnection<byte[], MemorySegment>> connection() {
    if (closed) {
      return CompletableFuture.failedFuture(new RedisException("the tier is closed"));
    }
    var current = connection;
    if (current == null || (current.isDone() && !isOpen(current))) {
      current =
          dial.get()
              .<StatefulConnection<byte[], MemorySegment>>thenApply(made -> made)
              .toCompletableFuture();
      connection = current;
    }
    return current;
  }

  private static boolean isOpen(
      CompletableFuture<StatefulConnection<byte[], MemorySegment>> future) {
    StatefulConnection<byte[], MemorySegment> made = made(future);
    return made != null && made.isOpen();
  }

  private static @Nullable StatefulConnection<byte[], MemorySegment> made(
      @Nullable CompletableFuture<StatefulConnection<byte[], MemorySegment>> future) {
    return future == null || future.isCompletedExceptionally() ? null : future.getNow(null);
  }

  private synchronized void drop(StatefulConnection<byte[], MemorySegment> failed) {
    if (failed.equals(made(connection))) {
      connection = null;
      var _ = failed.closeAsync();
    }
  }

  /** Ends the connection and the client's threads. */
  @Override
  public void close() {
    StatefulConnection<byte[], MemorySegment> open;
    synchronized (this) {
      closed = true;
      open = made(connection);
      connection = null;
    }
    long patience = CONNECT_TIMEOUT.toMillis();
    if (open != null) {
      var _ = open.closeAsync().completeOnTimeout(null, patience, MILLISECONDS).join();
    }
    client.shutdown(0, patience, MILLISECONDS);
    resources.shutdown(0, patience, MILLISECONDS).awaitUninterruptibly(patience);
  }
}
