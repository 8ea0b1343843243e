package org.kvcache.offload.pipeline;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageDevice;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PagePoolContext;
import org.kvcache.spi.PageStream;

/**
 * The device {@code host}, of whose transfers a share fails, given as option: the slots are filled
 * with rubbish then, and half of these transfers throw.
 */
public final class FaultyDevice implements PageDevice {

  @Override
  public String name() {
    return "faulty";
  }

  @Override
  public String summary() {
    return "for tests";
  }

  @Override
  public @Nullable String unavailable() {
    return null;
  }

  @Override
  public PagePool open(PagePoolContext context) {
    PagePool pool =
        PageDevice.named("host")
            .open(
                new PagePoolContext(
                    context.shape(),
                    context.codecs(),
                    context.pageTokens(),
                    context.backend(),
                    context.logitScale(),
                    context.bytes(),
                    ""));
    return new Pool(pool, Double.parseDouble(context.options()));
  }

  private record Pool(PagePool pool, double share) implements PagePool {
    @Override
    public int slots() {
      return pool.slots();
    }

    @Override
    public long pageBytes() {
      return pool.pageBytes();
    }

    @Override
    public PageStream newStream() {
      return new Stream(pool.newStream(), pool.pageBytes(), share);
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  private static final class Stream implements PageStream {
    private final PageStream stream;
    private final long pageBytes;
    private final double share;
    private final Random random = new Random(7);
    private boolean failed;

    Stream(PageStream stream, long pageBytes, double share) {
      this.stream = stream;
      this.pageBytes = pageBytes;
      this.share = share;
    }

    @Override
    public MemorySegment staging(int pages) {
      return stream.staging(pages);
    }

    @Override
    public void upload(int layer, int[] kvHeads, int[] slots, int count) {
      if (random.nextDouble() < share) {
        failed = true;
        stream.staging(count).asSlice(0, count * pageBytes).fill((byte) 0x42);
      }
      stream.upload(layer, kvHeads, slots, count);
    }

    @Override
    public boolean finish() {
      boolean arrived = stream.finish();
      boolean fails = failed;
      failed = false;
      if (fails && random.nextBoolean()) {
        throw new IllegalStateException("the device fell off the bus");
      }
      return arrived && !fails;
    }

    @Override
    public void attend(
        int layer,
        int[][] slots,
        int[] counts,
        FreshKv fresh,
        int freshRows,
        int queryTokens,
        float[] q,
        int qOffset,
        float[] out,
        int outOffset) {
      stream.attend(
          layer, slots, counts, fresh, freshRows, queryTokens, q, qOffset, out, outOffset);
    }

    @Override
    public void close() {
      stream.close();
    }
  }
}
