package org.kvcache.kernels.device;

import java.util.ArrayList;
import java.util.List;
import org.kvcache.KvShape;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PagePoolContext;
import org.kvcache.spi.PageStream;

/** The slots of a {@link DeviceKv} as a pool of pages. It owns its device. Thread-safe. */
public final class DevicePages implements PagePool {

  private static final int LEAST_TOKENS = 16;
  private static final int LEAST_SLOTS = 2;

  private final Device device;
  private final DeviceKv kv;
  private final float logitScale;

  // guarded by this
  private final List<DevicePageStream> streams = new ArrayList<>();
  private boolean closed;

  private DevicePages(Device device, PagePoolContext context) {
    this.device = device;
    logitScale = context.logitScale();
    int slots = slots(device, context);
    kv = DeviceKv.allocate(device, context.shape(), context.codecs(), slots);
  }

  /**
   * Takes memory of a device, and the device itself: it is closed with the pool, and if this
   * throws.
   *
   * @throws IllegalArgumentException if the device has no kernels for such pages, or the memory is
   *     not enough for two slots
   * @throws DeviceException if the device has not so much memory
   */
  public static DevicePages open(Device device, PagePoolContext context) {
    try {
      return new DevicePages(device, context);
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  /**
   * The number of a GPU in the options of a device.
   *
   * @param device its name in configurations
   * @param unnamed the number if there are no options
   * @throws IllegalArgumentException if the options are anything else
   */
  public static int ordinal(String device, String options, int unnamed) {
    if (options.isEmpty()) {
      return unnamed;
    }
    if (!options.matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          "device %s: '%s' is no number of a GPU; give one from 0 on, as in %s:1, or none"
              .formatted(device, options, device));
    }
    return Integer.parseInt(options);
  }

  private static int slots(Device device, PagePoolContext context) {
    KvShape shape = context.shape();
    if (context.pageTokens() < LEAST_TOKENS) {
      throw new IllegalArgumentException(
          "device %s: pages of %d tokens; its kernels take %d at least, so choose pages and not"
                  .formatted(device.name(), context.pageTokens(), LEAST_TOKENS)
              + " single tokens, or take device host");
    }
    BlockCodec codec = context.codecs().of(0, 0);
    if (codec.layout().blockTokens() != context.pageTokens()) {
      throw new IllegalArgumentException(
          "device %s: pages of %d tokens in a layout of %d"
              .formatted(device.name(), context.pageTokens(), codec.layout().blockTokens()));
    }
    int heads = Math.multiplyExact(shape.layers(), shape.kvHeads());
    long slotBytes = heads * codec.layout().bytes();
    long slots = Math.min(context.bytes() / slotBytes, Integer.MAX_VALUE / heads);
    if (slots < LEAST_SLOTS) {
      throw new IllegalArgumentException(
          "device %s: %d bytes of memory; a slot of %d layers, %d KV heads and pages of %d tokens"
                  .formatted(
                      device.name(),
                      context.bytes(),
                      shape.layers(),
                      shape.kvHeads(),
                      context.pageTokens())
              + " takes %d bytes, and %d slots are the least".formatted(slotBytes, LEAST_SLOTS));
    }
    return (int) slots;
  }

  @Override
  public int slots() {
    return kv.slots();
  }

  @Override
  public long pageBytes() {
    return kv.layout().bytes();
  }

  @Override
  public synchronized PageStream newStream() {
    if (closed) {
      throw new IllegalStateException(
          "the pages of device " + device.name() + " are used after they were closed");
    }
    var stream = new DevicePageStream(this, kv, logitScale);
    streams.add(stream);
    return stream;
  }

  synchronized void forget(DevicePageStream stream) {
    streams.remove(stream);
  }

  DeviceKv kv() {
    return kv;
  }

  /** Waits for what is under way, and closes the device. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (DevicePageStream stream : List.copyOf(streams)) {
      stream.close();
    }
    kv.close();
    device.close();
  }
}
