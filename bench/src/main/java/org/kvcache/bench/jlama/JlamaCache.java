package org.kvcache.bench.jlama;

import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.KvBufferCaches;
import com.github.tjake.jlama.tensor.KvBufferCache;
import com.github.tjake.jlama.tensor.SequenceKvBuffer;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.SequenceOptions;

/**
 * Makes Jlama's own {@code generate} keep its K and V in a {@link KvCache}. A session goes on where
 * it stopped, also after {@code generate} has closed its buffer, until {@link #close(UUID)}. Jlama
 * does not tell this buffer which tokens it computes, so sessions share nothing; {@link
 * JlamaGenerator} does.
 *
 * <p>Thread-safe as Jlama's: one thread a session.
 */
public final class JlamaCache extends KvBufferCache {

  private final KvCache cache;
  private final AbstractModel model;
  private final KvBufferCache before;
  private final Map<UUID, Session> sessions = new ConcurrentHashMap<>();

  private record Session(KvSequence sequence, SequenceKvBuffer buffer) {}

  private JlamaCache(AbstractModel model, KvCache cache) {
    super(model);
    this.cache = cache;
    this.model = model;
    before = KvBufferCaches.install(model, this);
  }

  /**
   * Installs the cache into a model.
   *
   * @throws IllegalArgumentException if the cache was opened for another shape
   */
  public static JlamaCache install(AbstractModel model, KvCache cache) {
    check(model, cache);
    return new JlamaCache(model, cache);
  }

  static void check(AbstractModel model, KvCache cache) {
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
  public KvBuffer getKvBuffer(UUID session) {
    return sessions.computeIfAbsent(session, this::begin).buffer();
  }

  private Session begin(UUID session) {
    // A salt of its own, since its tokens have made-up ids.
    var options = SequenceOptions.DEFAULT.withSalt("jlama-session-" + session);
    KvSequence sequence = cache.begin(new int[0], options);
    var buffer =
        new SequenceKvBuffer(
            this,
            session,
            sequence,
            cache.config().shape(),
            position -> commit(sequence, position));
    return new Session(sequence, buffer);
  }

  private static void commit(KvSequence sequence, int position) {
    int count = position - sequence.length();
    if (count > 0) {
      sequence.commit(new int[count], 0, count);
    }
  }

  /** Ends a session and gives its blocks back. */
  public void close(UUID session) {
    Session ended = sessions.remove(session);
    if (ended != null) {
      ended.sequence().close();
    }
  }

  /** Ends all sessions and gives the model its own buffers back. */
  @Override
  public void close() {
    sessions.keySet().forEach(this::close);
    KvBufferCaches.install(model, before);
    before.close();
  }
}
