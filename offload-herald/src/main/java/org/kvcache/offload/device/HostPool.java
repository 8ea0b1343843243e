package org.kvcache.offload.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.kvcache.KvShape;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PagePoolContext;
import org.kvcache.spi.PageStream;

/** Slots in host memory: {@code [layers][slots][kvHeads][page]}. */
final class HostPool implements PagePool {

  private static final int LEAST_SLOTS = 2;
  private static final int ALIGNMENT = 64;

  private final PagePoolContext context;
  private final int kvHeads;
  private final int slots;
  private final long pageBytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final TransferEngine engine;

  // guarded by this
  private final List<HostStream> streams = new ArrayList<>();
  private boolean closed;

  /**
   * Takes memory.
   *
   * @throws IllegalArgumentException if there is not enough for two slots
   */
  HostPool(PagePoolContext context, Link link, LinkClock clock) {
    this.context = context;
    KvShape shape = context.shape();
    kvHeads = shape.kvHeads();
    pageBytes = pageBytes(context);
    long slotBytes = Math.multiplyExact((long) shape.layers() * kvHeads, pageBytes);
    slots = (int) Math.min(Integer.MAX_VALUE, context.bytes() / slotBytes);
    if (slots < LEAST_SLOTS) {
      throw new IllegalArgumentException(
          "device host: %d bytes of memory; a slot of %d layers, %d KV heads and pages of %d tokens"
                  .formatted(context.bytes(), shape.layers(), kvHeads, context.pageTokens())
              + " takes %d bytes, and %d slots are the least".formatted(slotBytes, LEAST_SLOTS));
    }
    memory = arena.allocate(slots * slotBytes, ALIGNMENT);
    engine = new TransferEngine(memory, link, clock);
  }

  private static long pageBytes(PagePoolContext context) {
    KvShape shape = context.shape();
    long bytes = context.codecs().of(0, 0).layout().bytes();
    for (int i = 0; i < shape.layers() * shape.kvHeads(); i++) {
      int layer = i / shape.kvHeads();
      int kvHead = i % shape.kvHeads();
      BlockLayout layout = context.codecs().of(layer, kvHead).layout();
      if (layout.blockTokens() != context.pageTokens() || layout.bytes() != bytes) {
        throw new IllegalArgumentException(
            "device host: the codec of layer %d, KV head %d has blocks of %d tokens and %d bytes;"
                    .formatted(layer, kvHead, layout.blockTokens(), layout.bytes())
                + " pages have %d tokens and %d bytes".formatted(context.pageTokens(), bytes));
      }
    }
    return bytes;
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public long pageBytes() {
    return pageBytes;
  }

  @Override
  public synchronized PageStream newStream() {
    if (closed) {
      throw new IllegalStateException("the pages of device host are used after they were closed");
    }
    var stream = new HostStream(this, engine);
    streams.add(stream);
    return stream;
  }

  synchronized void forget(HostStream stream) {
    streams.remove(stream);
  }

  PagePoolContext context() {
    return context;
  }

  MemorySegment memory() {
    return memory;
  }

  /**
   * Byte offset of a page in {@link #memory}.
   *
   * @throws IndexOutOfBoundsException if there is no such page
   */
  long offset(int layer, int slot, int kvHead) {
    Objects.checkIndex(layer, context.shape().layers());
    Objects.checkIndex(slot, slots);
    Objects.checkIndex(kvHead, kvHeads);
    return (((long) layer * slots + slot) * kvHeads + kvHead) * pageBytes;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    engine.close();
    for (HostStream stream : List.copyOf(streams)) {
      stream.close();
    }
    arena.close();
  }
}
