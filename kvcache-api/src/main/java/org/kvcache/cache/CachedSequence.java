package org.kvcache.cache;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockManager;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvCacheFullException;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.RetentionPriority;
import org.kvcache.SequenceContent;
import org.kvcache.SequenceOptions;
import org.kvcache.SequenceOptions.Promotion;
import org.kvcache.spi.ReuseHint;

/** {@link KvSequence}: checks, tokens and keys; its bytes are in {@link SequenceBlocks}. */
final class CachedSequence implements KvSequence {

  private static final VarHandle CLOSED;

  static {
    try {
      CLOSED = MethodHandles.lookup().findVarHandle(CachedSequence.class, "closed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final BlockCache cache;
  private final KvCacheConfig config;
  private final KvShape shape;
  private final int blockTokens;
  private final WorkerPool workers;
  private final SequenceBlocks blocks;
  private final SequenceReader reader;
  private final SequenceKeys keys;
  private final LeakTracker.Lease lease;
  private final SequenceDenoising denoising;

  // Held by the method that changes the sequence. A second owner finds it taken; appends that must
  // make room wait for each other.
  private final ReentrantLock structure = new ReentrantLock();

  private volatile boolean closed;
  private int promptLength;
  private int length;
  private int matched;
  private @Nullable BlockPromotion promotion;

  CachedSequence(BlockCache cache, SequenceKeys keys) {
    this.cache = cache;
    this.keys = keys;
    config = cache.config();
    shape = config.shape();
    blockTokens = config.blockTokens();
    workers = cache.workers();
    blocks = new SequenceBlocks(cache);
    reader = new SequenceReader(config, blocks);
    lease = cache.leaks().opened(this, blocks.stagedBlocks());
    denoising = new SequenceDenoising(this, cache, blocks, lease);
  }

  // --- the beginning

  /**
   * Matches the prompt in memory and starts to fetch the rest of it from the tiers.
   *
   * @return tokens found in memory
   */
  int begin(Promotion how) {
    promptLength = keys.tokenCount();
    int limit = BlockManager.matchLimit(promptLength, blockTokens);
    int found = blocks.match(keys.keys(), limit);
    advanceTo(found);
    cache.counters().began(promptLength, length);
    if (found < limit && how != Promotion.NONE && cache.tiers().isPresent()) {
      long start = System.nanoTime();
      long timeout = TimeUnit.NANOSECONDS.convert(config.promotionTimeout());
      promotion = cache.tiers().promote(blocks, keys.keys(), found, limit, timeout);
      if (how == Promotion.WAIT) {
        if (promotion != null) {
          promotion.await(timeout - (System.nanoTime() - start));
        }
        settlePromotion();
      }
    }
    return found * blockTokens;
  }

  private void advanceTo(int matchedBlocks) {
    matched = matchedBlocks * blockTokens;
    length = matched;
  }

  @Override
  public int matched() {
    BlockPromotion running = promotion;
    return running == null ? matched : running.loaded() * blockTokens;
  }

  @Override
  public int expected() {
    BlockPromotion running = promotion;
    return running == null ? matched : running.end() * blockTokens;
  }

  @Override
  public boolean awaitPromotion(Duration atMost) {
    lockAsOwner("awaitPromotion");
    try {
      BlockPromotion running = promotion;
      if (running != null && !running.await(TimeUnit.NANOSECONDS.convert(atMost))) {
        return false;
      }
      settlePromotion();
      return true;
    } finally {
      structure.unlock();
    }
  }

  /** What has arrived is part of the sequence now, the rest is given up. */
  private void settlePromotion() {
    BlockPromotion running = promotion;
    if (running == null) {
      return;
    }
    int arrived = running.stop();
    blocks.keepPromoted(arrived, keys.keys(), content());
    cache.counters().promoted((arrived - matched / blockTokens) * blockTokens);
    advanceTo(arrived);
    promotion = null;
  }

  @Override
  public int length() {
    return promotion == null ? length : matched();
  }

  // --- room

  @Override
  public boolean tryReserve(int tokens) {
    if (tokens < 0) {
      throw new IllegalArgumentException("cannot reserve " + tokens + " tokens");
    }
    lockAsOwner("tryReserve");
    try {
      settlePromotion();
      return reserveTo((long) length + tokens);
    } finally {
      structure.unlock();
    }
  }

  private boolean reserveTo(long tokens) {
    long missing = Math.ceilDiv(tokens, blockTokens) - blocks.size();
    boolean countable = tokens <= Integer.MAX_VALUE - blockTokens;
    return missing <= 0 || (countable && blocks.add((int) missing, keys.keys()));
  }

  private void ensureCapacity(int tokens) {
    structure.lock();
    try {
      requireOpen();
      settlePromotion();
      if (!reserveTo(tokens)) {
        throw new KvCacheFullException(
            "no room for token %d: the sequence has %d blocks of %d tokens and wants %d more, %d are"
                    .formatted(
                        tokens - 1,
                        blocks.size(),
                        blockTokens,
                        Math.ceilDiv(tokens, blockTokens) - blocks.size(),
                        blocks.available())
                + " free or evictable; close a sequence, or give the cache more memory");
      }
    } finally {
      structure.unlock();
    }
  }

  // --- writing

  @Override
  public void append(
      int layer, int position, int tokens, float[] k, int kOffset, float[] v, int vOffset) {
    Worker worker = workers.take(this);
    try {
      Bounds.layer(layer, shape);
      Bounds.rows("K", k.length, kOffset, tokens, shape.kvDim());
      Bounds.rows("V", v.length, vOffset, tokens, shape.kvDim());
      makeRoom(position, tokens);
      for (int i = 0; i < tokens; i++) {
        int at = i * shape.kvDim();
        blocks.put(worker, layer, position + i, k, kOffset + at, v, vOffset + at);
      }
    } finally {
      workers.give(worker);
    }
  }

  @Override
  public void append(int layer, int position, MemorySegment k, MemorySegment v) {
    Worker worker = workers.take(this);
    try {
      Bounds.layer(layer, shape);
      int dim = shape.kvDim();
      Bounds.rows("K", k.byteSize() / Float.BYTES, 0, 1, dim);
      Bounds.rows("V", v.byteSize() / Float.BYTES, 0, 1, dim);
      makeRoom(position, 1);
      float[] keyRow = Worker.copied(k, worker.rows(dim), dim);
      float[] valueRow = Worker.copied(v, worker.moreRows(dim), dim);
      blocks.put(worker, layer, position, keyRow, 0, valueRow, 0);
    } finally {
      workers.give(worker);
    }
  }

  private void makeRoom(int position, int tokens) {
    checkUncommitted(position);
    int end = Bounds.end(position, tokens);
    if (promotion != null || end > blocks.capacity()) {
      ensureCapacity(end);
      checkUncommitted(position); // more of a promotion may have arrived
    }
  }

  private void checkUncommitted(int position) {
    denoising.requireNone("append");
    if (position < length) {
      throw new IndexOutOfBoundsException(
          "append at position %d: the first %d tokens are committed; truncate(%d) first"
              .formatted(position, length, position));
    }
  }

  @Override
  public MemorySegment key(int layer, int position) {
    return view(layer, position, true);
  }

  @Override
  public MemorySegment value(int layer, int position) {
    return view(layer, position, false);
  }

  private MemorySegment view(int layer, int position, boolean key) {
    Worker worker = workers.take(this);
    try {
      Bounds.layer(layer, shape);
      if (!blocks.isStaged()) {
        throw new IllegalStateException(
            "rows are encoded when they are appended; configure staged(true) to write in place");
      }
      if (position < blocks.sealed() * blockTokens) {
        throw new IndexOutOfBoundsException(
            "a view of position %d: the first %d tokens are encoded"
                .formatted(position, blocks.sealed() * blockTokens));
      }
      if (position >= length) {
        makeRoom(position, 1);
        blocks.written().mark(layer, position);
      }
      StagedRows rows = blocks.stagedRows();
      int row = position % blockTokens;
      long offset = key ? rows.key(layer, 0, row) : rows.value(layer, 0, row);
      return rows.row(blocks.staged(position / blockTokens), offset);
    } finally {
      workers.give(worker);
    }
  }

  @Override
  public void commit(int[] tokens, int offset, int count) {
    lockAsOwner("commit");
    try {
      settlePromotion();
      denoising.requireNone("commit");
      checkTokens(tokens, offset, count);
      checkCommit(tokens, offset, count);
      advance(tokens, offset, count);
    } finally {
      structure.unlock();
    }
  }

  private void advance(int[] tokens, int offset, int count) {
    for (int i = Math.max(0, keys.tokenCount() - length); i < count; i++) {
      keys.add(tokens[offset + i]);
    }
    length += count;
    cache.counters().committed(count);
    int full = length / blockTokens;
    if (full > blocks.sealed()) {
      keys.extend(full);
      Worker worker = workers.take(this);
      try {
        blocks.encode(full, worker);
      } finally {
        workers.give(worker);
      }
      blocks.seal(full, keys.keys(), content());
    }
    blocks.written().clearFrom(length);
  }

  private static void checkTokens(int[] tokens, int offset, int count) {
    if (offset < 0 || count < 0 || count > tokens.length - offset) {
      throw new IndexOutOfBoundsException(
          "commit of %d tokens from index %d of an array of %d"
              .formatted(count, offset, tokens.length));
    }
  }

  private void checkCommit(int[] tokens, int offset, int count) {
    if (length + count > blocks.capacity()) {
      throw new IllegalStateException(
          "commit of %d tokens behind %d committed ones: K and V of only %d can have been appended"
              .formatted(count, length, blocks.capacity() - length));
    }
    for (int i = 0; i < count; i++) {
      int position = length + i;
      if (position < promptLength && tokens[offset + i] != keys.tokens()[position]) {
        throw new IllegalArgumentException(
            "commit of token %d at position %d: the prompt has %d there"
                .formatted(tokens[offset + i], position, keys.tokens()[position]));
      }
      int missing = blocks.written().missingLayer(position);
      if (missing >= 0 && !blocks.isWrittenByOthers(position)) {
        throw new IllegalStateException(
            "commit of position %d: its K and V of layer %d have not been appended"
                .formatted(position, missing));
      }
    }
  }

  private @Nullable SequenceContent content() {
    return cache.hasListeners() ? BlockCache.content(keys, config.blockTokens()) : null;
  }

  // --- denoising

  @Override
  public DenoisingBlock beginBlock(int tokens) {
    if (tokens < 1) {
      throw new IllegalArgumentException("a block of " + tokens + " tokens; at least 1 is needed");
    }
    lockAsOwner("beginBlock");
    try {
      settlePromotion();
      denoising.requireNone("beginBlock");
      ensureCapacity(Bounds.end(length, tokens));
      return denoising.begin(length, tokens, length + tokens <= promptLength);
    } finally {
      structure.unlock();
    }
  }

  /** The rows of the open block are final. */
  void commitBlock(OpenBlock block, int[] tokens, int offset) {
    lockAsOwner("commit");
    try {
      block.requireOpen(); // another thread may have closed it
      checkTokens(tokens, offset, block.tokens());
      denoising.store(block);
      checkCommit(tokens, offset, block.tokens());
      denoising.end(true);
      advance(tokens, offset, block.tokens());
    } finally {
      structure.unlock();
    }
  }

  /** The open block is given up. */
  void dropBlock(OpenBlock block) {
    structure.lock();
    try {
      if (denoising.isOpen(block)) { // else committed, or gone with the sequence
        denoising.end(false);
        blocks.written().clearFrom(length);
      }
    } finally {
      structure.unlock();
    }
  }

  // --- reading

  @Override
  public void attend(
      int layer, int position, int tokens, float[] q, int qOffset, float[] out, int outOffset) {
    Worker worker = workers.take(this);
    try {
      reader.attend(worker, length, layer, position, tokens, q, qOffset, out, outOffset);
    } finally {
      workers.give(worker);
    }
  }

  @Override
  public void attendHead(
      int layer, int head, int seen, float[] q, int qOffset, float[] out, int outOffset) {
    Worker worker = workers.take(this);
    try {
      reader.attendHead(worker, length, layer, head, seen, q, qOffset, out, outOffset);
    } finally {
      workers.give(worker);
    }
  }

  @Override
  public void readKeys(int layer, int position, int tokens, float[] rows, int offset) {
    read(layer, position, tokens, true, rows, offset);
  }

  @Override
  public void readValues(int layer, int position, int tokens, float[] rows, int offset) {
    read(layer, position, tokens, false, rows, offset);
  }

  private void read(int layer, int position, int tokens, boolean key, float[] rows, int offset) {
    Worker worker = workers.take(this);
    try {
      reader.read(worker, length, layer, position, tokens, key, rows, offset);
    } finally {
      workers.give(worker);
    }
  }

  // --- going other ways

  @Override
  public KvSequence fork() {
    lockAsOwner("fork");
    try {
      settlePromotion();
      var copy = new CachedSequence(cache, keys.copy(length));
      boolean made = false;
      try {
        made = copy.blocks.forkFrom(blocks, length);
        if (!made) {
          throw new KvCacheFullException(
              "no room for a fork: the open blocks of %d tokens must be copied and %d are free or"
                      .formatted(length, blocks.available())
                  + " evictable");
        }
      } finally {
        if (!made) {
          copy.close();
        }
      }
      copy.promptLength = Math.min(promptLength, length);
      copy.length = length;
      copy.matched = Math.min(matched, length);
      return copy;
    } finally {
      structure.unlock();
    }
  }

  @Override
  public void truncate(int newLength) {
    lockAsOwner("truncate");
    try {
      settlePromotion();
      denoising.requireNone("truncate");
      if (newLength < 0 || newLength > length) {
        throw new IndexOutOfBoundsException(
            "truncate to %d tokens: %d are committed".formatted(newLength, length));
      }
      if (newLength < length) {
        denoising.truncate(newLength); // before the blocks go: a look-ahead may be reading them
        Worker worker = workers.take(this);
        try {
          if (!blocks.truncate(newLength, worker, this::decodeStaged)) {
            throw new KvCacheFullException(
                "no room to copy the block that %d tokens end in; %d are free or evictable"
                    .formatted(newLength, blocks.available()));
          }
        } finally {
          workers.give(worker);
        }
        keys.truncate(newLength);
        promptLength = Math.min(promptLength, newLength);
        matched = Math.min(matched, newLength / blockTokens * blockTokens);
        length = newLength;
      }
      blocks.written().clearFrom(length);
    } finally {
      structure.unlock();
    }
  }

  private void decodeStaged(int block, int rows, int frame, MemorySegment into, Worker worker) {
    new RowReader(blocks, shape, blockTokens, worker).unseal(rows, frame, into);
  }

  @Override
  public void retain(int fromToken, int toToken, int priority, Duration atMost) {
    lockAsOwner("retain");
    try {
      settlePromotion();
      blocks.retain(fromToken, toToken, priority, atMost);
    } finally {
      structure.unlock();
    }
  }

  // --- the end

  @Override
  public void close() {
    close(ReuseHint.NONE);
  }

  @Override
  public void close(ReuseHint hint) {
    if (!CLOSED.compareAndSet(this, false, true)) {
      return;
    }
    workers.awaitIdle(this);
    structure.lock();
    try {
      denoising.close();
      if (cache.isClosed()) {
        return;
      }
      settlePromotion();
      SequenceOptions options = keys.options();
      if (options.priority() != RetentionPriority.DEFAULT) {
        int tokens = blocks.size() * blockTokens;
        blocks.retain(0, tokens, options.priority(), options.priorityFor());
      }
      blocks.release(hint);
      keys.truncate(Math.max(length, promptLength));
      cache.memo().add(keys);
    } finally {
      lease.close();
      structure.unlock();
    }
  }

  boolean isClosed() {
    return closed;
  }

  IllegalStateException closedException() {
    return new IllegalStateException(
        cache.isClosed() ? "the cache is closed" : "the sequence is closed");
  }

  // --- checks

  private void requireOpen() {
    if (closed || cache.isClosed()) {
      throw closedException();
    }
  }

  private void lockAsOwner(String method) {
    if (!structure.tryLock()) {
      if (closed) {
        throw closedException();
      }
      throw new IllegalStateException(
          "%s of thread %d: another thread is changing this sequence; it has one owner at a time"
              .formatted(method, Thread.currentThread().threadId()));
    }
    if (closed || cache.isClosed()) {
      structure.unlock();
      throw closedException();
    }
  }
}
