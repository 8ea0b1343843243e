package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.kvcache.AttentionWindow;

/**
 * Starts the attention kernels of one scheme and number of heads, from addresses that were checked.
 * Belongs to one thread; allocates nothing but what {@link SplitBuffers} grow by.
 */
final class AttendLauncher {

  private static final String[] DECODE = {"_decode8", "_decode16"};

  private final Device device;
  private final KernelScheme scheme;
  private final int kvHeads;
  private final int group;
  private final @Nullable DeviceKernel[] decode = new DeviceKernel[DECODE.length];
  private final DeviceKernel block;
  private final MemorySegment arguments = Abi.newArguments(Abi.Attend.LAYOUT);
  private boolean hasFresh;

  AttendLauncher(Device device, KernelScheme scheme, int kvHeads, int group) {
    this.device = device;
    this.scheme = scheme;
    this.kvHeads = kvHeads;
    this.group = group;
    String name = scheme.kernel("attend");
    for (int i = 0; i < DECODE.length; i++) {
      decode[i] = device.findKernel(name + DECODE[i]); // not every device has both
    }
    block = device.kernel(name + "_block");
    Abi.set(arguments, Abi.Attend.KV_HEADS, kvHeads);
    Abi.set(arguments, Abi.Attend.GROUP, group);
    Abi.set(arguments, Abi.Attend.ROTATE, scheme.rotate() ? 1 : 0);
  }

  /** To be filled with the fields that {@link #launch} does not name. */
  MemorySegment arguments() {
    return arguments;
  }

  void basis(Basis basis, int layer) {
    Abi.set(arguments, Abi.Attend.QUERY_FACTOR, basis.queryFactor(layer));
    Abi.set(arguments, Abi.Attend.KEY_MEAN, basis.keyMean(layer));
    Abi.set(arguments, Abi.Attend.VALUE_UNIT, basis.valueUnit(layer));
  }

  void queries(long address, Element element, long out, long lse) {
    Abi.set(arguments, Abi.Attend.Q, address);
    Abi.set(arguments, Abi.Attend.QUERIES, element.code());
    Abi.set(arguments, Abi.Attend.OUT, out);
    Abi.set(arguments, Abi.Attend.LSE, lse);
  }

  void fresh(long keys, long values, Element element, int tokens, int stride, Mask mask) {
    hasFresh = tokens > 0;
    Abi.set(arguments, Abi.Attend.FRESH_KEYS, keys);
    Abi.set(arguments, Abi.Attend.FRESH_VALUES, values);
    Abi.set(arguments, Abi.Attend.FRESH, element.code());
    Abi.set(arguments, Abi.Attend.FRESH_TOKENS, tokens);
    Abi.set(arguments, Abi.Attend.FRESH_STRIDE, stride);
    Abi.set(arguments, Abi.Attend.MASK, mask.code());
  }

  void launch(
      int sequences,
      int queryTokens,
      long mostTokens,
      AttentionWindow window,
      float logitScale,
      SplitBuffers buffers,
      DeviceStream stream) {
    int rows = queryTokens * group;
    DeviceKernel kernel = choose(rows);
    int tileRows = kernel.info().rows();
    int rowTiles = Math.ceilDiv(rows, tileRows);
    long heads = (long) sequences * kvHeads;
    long tiles = heads * rowTiles;
    int splits = Splits.of(tiles, mostTokens, device.multiprocessors());
    if (splits > 1) {
      long floats = tiles * splits * tileRows * (scheme.headDim() + 2L);
      buffers.reserve(floats * Float.BYTES, tiles, stream);
    }
    Abi.set(arguments, Abi.Attend.PARTIAL, splits > 1 ? buffers.partial() : 0L);
    Abi.set(arguments, Abi.Attend.ARRIVED, splits > 1 ? buffers.arrived() : 0L);
    Abi.set(arguments, Abi.Attend.QUERY_TOKENS, queryTokens);
    Abi.set(arguments, Abi.Attend.SINKS, window.sinks());
    Abi.set(arguments, Abi.Attend.WINDOW, window.window());
    Abi.set(arguments, Abi.Attend.LOGIT_SCALE, logitScale);
    device.launch(kernel, splits, rowTiles, heads, arguments, stream);
  }

  /**
   * The kernel with the smallest tile that takes all rows, else the one for blocks, which alone
   * reads fresh rows.
   */
  private DeviceKernel choose(int rows) {
    if (hasFresh) {
      return block;
    }
    for (DeviceKernel kernel : decode) {
      if (kernel != null && rows <= kernel.info().rows()) {
        return kernel;
      }
    }
    return block;
  }
}
