package org.kvcache.bench.herald;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageDevice;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PagePoolContext;
import org.kvcache.spi.PageStream;

/**
 * {@code modelled}: the device {@code host} with its modelled link, whose attention takes no time
 * and gives zeros. For measuring what the processor does while a device computes: the one who
 * measures waits for the device's time instead of computing it here.
 */
public final class ModelledDevice implements PageDevice {

  /** Called by {@link java.util.ServiceLoader}. */
  public ModelledDevice() {}

  @Override
  public String name() {
    return "modelled";
  }

  @Override
  public String summary() {
    return "a modelled link to a device that computes nothing, for measuring";
  }

  @Override
  public @Nullable String unavailable() {
    return null;
  }

  @Override
  public PagePool open(PagePoolContext context) {
    return new Pool(PageDevice.named("host").open(context));
  }

  private record Pool(PagePool pool) implements PagePool {
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
      return new Stream(pool.newStream());
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  private record Stream(PageStream stream) implements PageStream {
    @Override
    public MemorySegment staging(int pages) {
      return stream.staging(pages);
    }

    @Override
    public void upload(int layer, int[] kvHeads, int[] slots, int count) {
      stream.upload(layer, kvHeads, slots, count);
    }

    @Override
    public boolean finish() {
      return stream.finish();
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
        int outOffset) {}

    @Override
    public void close() {
      stream.close();
    }
  }
}
