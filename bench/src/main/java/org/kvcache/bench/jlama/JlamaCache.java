package org.kvcache.bench.jlama;

import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.KvBufferCaches;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.tensor.KvBufferCache;
import com.github.tjake.jlama.tensor.SequenceKvBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.SequenceOptions;
import org.kvcache.spi.ReuseHint;

/**
 * Makes Jlama's own {@code generate} keep its K and V in a {@link KvCache}. A session goes on where
 * it stopped, also after {@code generate} has closed its buffer, until {@link #close(UUID)}. Many
 * applications make up a session for each request and never close it; so of the sessions that are
 * not being generated for, only the latest are kept. Jlama does not tell this buffer which tokens
 * it computes, so sessions share nothing; {@link JlamaGenerator} does.
 *
 * <p>Thread-safe as Jlama's: one thread a session.
 */
public final class JlamaCache extends KvBufferCache {

  private static final int KEPT_SESSIONS = 16;

  private final KvCache cache;
  private final AbstractModel model;
  private final int keptSessions;
  private final KvBufferCache before;

  // Least recently used first; its own lock.
  private final Map<UUID, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);

  private JlamaCache(AbstractModel model, KvCache cache, int keptSessions) {
    super(model);
    this.cache = cache;
    this.model = model;
    this.keptSessions = keptSessions;
    before = KvBufferCaches.install(model, this);
  }

  /**
   * Installs the cache into a model.
   *
   * @throws IllegalArgumentException if the cache was opened for another shape
   */
  public static JlamaCache install(AbstractModel model, KvCache cache) {
    return install(model, cache, KEPT_SESSIONS);
  }

  /**
   * The same.
   *
   * @param keptSessions sessions that may wait to go on; when one more begins, that which has
   *     waited longest is ended, and would begin anew
   */
  public static JlamaCache install(AbstractModel model, KvCache cache, int keptSessions) {
    check(model, cache);
    if (keptSessions < 1) {
      throw new IllegalArgumentException("keptSessions is " + keptSessions + "; 1 is the least");
    }
    return new JlamaCache(model, cache, keptSessions);
  }

  static void check(AbstractModel model, KvCache cache) {
    if (model.getWorkingDType() != DType.F32) {
      throw new IllegalArgumentException(
          "the model works in %s; load it with working type F32, which the cache hands out"
              .formatted(model.getWorkingDType()));
    }
    KvShape shape = shape(model);
    if (!cache.config().shape().equals(shape)) {
      throw new IllegalArgumentException(
          "the cache is for %s, the model has %s".formatted(cache.config().shape(), shape));
    }
  }

  /** The shape to open a cache with. */
  public static KvShape shape(AbstractModel model) {
    var config = model.getConfig();
    return KvShape.of(
        config.numberOfLayers, config.numberOfKeyValueHeads, config.headSize, config.numberOfHeads);
  }

  @Override
  public KvBuffer getKvBuffer(UUID id) {
    synchronized (sessions) {
      Session session = sessions.get(id);
      if (session == null) {
        endIdle();
        session = new Session(id);
        sessions.put(id, session);
      }
      session.generating = true;
      return session.buffer;
    }
  }

  private void endIdle() {
    Iterator<Session> oldest = sessions.values().iterator();
    while (sessions.size() >= keptSessions && oldest.hasNext()) {
      Session session = oldest.next();
      if (!session.generating) {
        oldest.remove();
        session.sequence.close(ReuseHint.ENDED);
      }
    }
  }

  /** Ends a session and gives its blocks back. */
  public void close(UUID id) {
    synchronized (sessions) {
      Session ended = sessions.remove(id);
      if (ended != null) {
        ended.sequence.close(ReuseHint.ENDED);
      }
    }
  }

  /** Ends all sessions and gives the model its own buffers back. */
  @Override
  public void close() {
    synchronized (sessions) {
      List.copyOf(sessions.keySet()).forEach(this::close);
    }
    KvBufferCaches.install(model, before);
    before.close();
  }

  private final class Session implements SequenceKvBuffer.Completion {
    private final KvSequence sequence;
    private final SequenceKvBuffer buffer;
    private boolean generating;

    Session(UUID id) {
      // A salt of its own, since its tokens have made-up ids.
      sequence =
          cache.begin(new int[0], SequenceOptions.DEFAULT.withSalt("jlama " + UUID.randomUUID()));
      buffer = new SequenceKvBuffer(JlamaCache.this, id, sequence, cache.config().shape(), this);
    }

    @Override
    public void upTo(int position) {
      int count = position - sequence.length();
      if (count > 0) {
        sequence.commit(new int[count], 0, count);
      }
    }

    @Override
    public void closed() {
      synchronized (sessions) {
        generating = false;
      }
    }
  }
}
