package org.kvcache.cache;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.spi.BlockBuffers;
import org.kvcache.spi.BlockTier;
import org.kvcache.spi.TierSpec;
import org.kvcache.spi.TierSpec.StoreWhen;
import org.kvcache.spi.TierStatus;

/** A tier in a map, which fails and stalls when it is told to. */
final class HeapTier implements BlockTier {

  final Map<BlockKey, byte[]> blocks = new ConcurrentHashMap<>();
  final AtomicLong loads = new AtomicLong();
  volatile boolean remote;
  volatile boolean down;
  volatile boolean throwing;
  volatile int failEvery; // 0: never
  volatile CountDownLatch gate = new CountDownLatch(0);
  volatile boolean closed;
  volatile boolean linkage;
  volatile int countsWrong; // what probe answers; 0: what is right
  volatile int loadsWrong;
  volatile long failAt = -1; // the number of the load that fails
  final AtomicLong entered = new AtomicLong();
  private final Queue<BlockKey> order = new ConcurrentLinkedQueue<>();
  private volatile long pauseAt = -1;
  private final AtomicLong calls = new AtomicLong();

  TierSpec spec(String name, StoreWhen when) {
    return new TierSpec(
        name,
        when,
        context -> {
          closed = false;
          return this;
        });
  }

  /** Keys in the order in which they were stored first. */
  List<BlockKey> order() {
    return List.copyOf(order);
  }

  /** Stops before it loads the block with this number. */
  void pauseBefore(long load) {
    gate = new CountDownLatch(1);
    pauseAt = load;
  }

  private void pass() {
    entered.incrementAndGet();
    if (pauseAt < 0) {
      awaitGate();
    }
    if (throwing) {
      throw new IllegalStateException("the tier throws");
    }
    if (linkage) {
      throw new NoClassDefFoundError("the tier's client");
    }
  }

  private void awaitGate() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean fails() {
    return down || (failEvery > 0 && calls.incrementAndGet() % failEvery == 0);
  }

  @Override
  public int probe(BlockKeys keys, int from, int to) {
    if (down) {
      return 0;
    }
    if (remote) {
      pass();
    }
    if (countsWrong != 0) {
      return countsWrong;
    }
    int at = from;
    while (at < to && blocks.containsKey(keys.get(at))) {
      at++;
    }
    return at - from;
  }

  @Override
  public boolean probesMemory() {
    return !remote;
  }

  @Override
  public int load(BlockKeys keys, int from, int to, BlockBuffers into) {
    pass();
    if (loadsWrong != 0) {
      return loadsWrong;
    }
    for (int i = from; i < to; i++) {
      if (loads.get() + 1 == pauseAt) {
        awaitGate();
      }
      byte[] bytes = blocks.get(keys.get(i));
      MemorySegment buffer = into.buffer(i);
      if (bytes == null || loads.get() + 1 == failAt || fails()) {
        buffer.fill((byte) 0x5A);
        return i - from;
      }
      MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
      loads.incrementAndGet();
    }
    return to - from;
  }

  @Override
  public int store(BlockKeys keys, int from, int to, BlockBuffers buffers) {
    pass();
    int held = 0;
    for (int i = from; i < to; i++) {
      if (!fails()) {
        byte[] bytes = buffers.buffer(i).toArray(ValueLayout.JAVA_BYTE);
        if (blocks.putIfAbsent(keys.get(i), bytes) == null) {
          order.add(keys.get(i));
        }
        held++;
      }
    }
    return held;
  }

  @Override
  public TierStatus status() {
    return new TierStatus(!down, blocks.size(), 0, 0, 0, 0, 0);
  }

  @Override
  public void close() {
    closed = true;
  }
}
