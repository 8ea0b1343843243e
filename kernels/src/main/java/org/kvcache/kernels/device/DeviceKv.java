package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.kvcache.Calibration;
import org.kvcache.HeadCalibration;
import org.kvcache.KvShape;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockCodecs;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;

/**
 * Slots for encoded blocks in a device's memory, one layer after the other: {@code
 * [layers][slots][kvHeads][block]}, where a block has the planes of {@link BlockLayout}. Which
 * block is in which slot is {@link org.kvcache.BlockManager}'s business. Immutable but for the
 * bytes on the device; thread-safe.
 */
public final class DeviceKv implements AutoCloseable {

  private final Device device;
  private final KvShape shape;
  private final KernelScheme scheme;
  private final int slots;
  private final long slotBytes;
  private final Basis basis;
  private final DeviceMemory memory;

  private DeviceKv(
      Device device,
      KvShape shape,
      KernelScheme scheme,
      int slots,
      Basis basis,
      DeviceMemory memory) {
    this.device = device;
    this.shape = shape;
    this.scheme = scheme;
    this.slots = slots;
    this.slotBytes = shape.kvHeads() * scheme.layout().bytes();
    this.basis = basis;
    this.memory = memory;
  }

  /**
   * Allocates slots. Bytes in them are not defined.
   *
   * @param scheme the name of a scheme that devices have kernels for
   * @param blockTokens tokens of a block, a power of two from 16 on
   * @throws IllegalArgumentException if no kernel takes such a scheme, shape or block, or the
   *     calibration is of another shape
   * @throws DeviceException if the device has not so much memory
   */
  public static DeviceKv allocate(
      Device device,
      KvShape shape,
      String scheme,
      Calibration calibration,
      int blockTokens,
      int slots) {
    if (calibration.layers() != shape.layers()
        || calibration.kvHeads() != shape.kvHeads()
        || calibration.headDim() != shape.headDim()) {
      throw new IllegalArgumentException(
          "a calibration of %d layers and %d KV heads of %d for %s"
              .formatted(
                  calibration.layers(), calibration.kvHeads(), calibration.headDim(), shape));
    }
    SchemeSpec spec = CodecCatalog.scheme(scheme);
    BlockCodec codec = CodecCatalog.bind(spec, shape.headDim(), blockTokens, calibration.of(0, 0));
    return allocate(device, shape, codec, calibration.heads(), slots);
  }

  /**
   * Allocates slots for blocks as a cache has them. Bytes in them are not defined.
   *
   * @param codecs of all layers and KV heads; they differ in their calibrations only
   * @throws IllegalArgumentException if no kernel takes such a scheme, shape or block
   * @throws DeviceException if the device has not so much memory
   */
  public static DeviceKv allocate(Device device, KvShape shape, BlockCodecs codecs, int slots) {
    var heads = new ArrayList<HeadCalibration>();
    for (int i = 0; i < shape.layers() * shape.kvHeads(); i++) {
      heads.add(codecs.of(i / shape.kvHeads(), i % shape.kvHeads()).calibration());
    }
    return allocate(device, shape, codecs.of(0, 0), heads, slots);
  }

  private static DeviceKv allocate(
      Device device, KvShape shape, BlockCodec codec, List<HeadCalibration> heads, int slots) {
    if (slots < 1) {
      throw new IllegalArgumentException(slots + " slots; at least 1 is needed");
    }
    KernelScheme kernels = KernelScheme.of(codec, shape.groupSize());
    long bytes =
        Math.multiplyExact(
            Math.multiplyExact((long) shape.layers(), slots),
            Math.multiplyExact((long) shape.kvHeads(), codec.layout().bytes()));
    DeviceMemory memory = device.allocate(bytes);
    try {
      var basis = new Basis(device, heads, shape.kvHeads());
      return new DeviceKv(device, shape, kernels, slots, basis, memory);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  /** Where it is. */
  public Device device() {
    return device;
  }

  /** The shape of the model. */
  public KvShape shape() {
    return shape;
  }

  /** Slots of each layer. */
  public int slots() {
    return slots;
  }

  /** Where things lie in a block. */
  public BlockLayout layout() {
    return scheme.layout();
  }

  /** All of it, for copies byte by byte. */
  public DeviceMemory memory() {
    return memory;
  }

  /**
   * Byte offset of a block in {@link #memory}.
   *
   * @throws IndexOutOfBoundsException if there is no such block
   */
  public long offset(int layer, int slot, int kvHead) {
    Objects.checkIndex(layer, shape.layers());
    Objects.checkIndex(slot, slots);
    Objects.checkIndex(kvHead, shape.kvHeads());
    return ((long) layer * slots + slot) * slotBytes + kvHead * scheme.layout().bytes();
  }

  /**
   * Slots as pages to copy: slot {@code s} of layer {@code l} is page {@code l · slots + s}, all KV
   * heads together.
   */
  public PageRange slotPages() {
    return new PageRange(device, memory, null, 0, slotBytes, (long) shape.layers() * slots);
  }

  /**
   * Blocks of single KV heads as pages to copy: head {@code h} of slot {@code s} of layer {@code l}
   * is page {@code (l · slots + s) · kvHeads + h}.
   */
  public PageRange headPages() {
    long pages = (long) shape.layers() * slots * shape.kvHeads();
    return new PageRange(device, memory, null, 0, scheme.layout().bytes(), pages);
  }

  KernelScheme scheme() {
    return scheme;
  }

  Basis basis() {
    return basis;
  }

  /** Writes the native {@code BlockLayout} of a layer to the head of arguments. */
  void writeTo(MemorySegment arguments, int layer) {
    write(arguments, scheme.layout(), layerAddress(layer), slotBytes);
  }

  static void write(MemorySegment arguments, BlockLayout layout, long base, long slotBytes) {
    Abi.set(arguments, Abi.Blocks.BASE, base);
    Abi.set(arguments, Abi.Blocks.SLOT_BYTES, slotBytes);
    Abi.set(arguments, Abi.Blocks.HEAD_BYTES, layout.bytes());
    Abi.set(arguments, Abi.Blocks.KEY_SCALES, (int) layout.keyScales());
    Abi.set(arguments, Abi.Blocks.VALUE_CODES, (int) layout.valueCodes());
    Abi.set(arguments, Abi.Blocks.VALUE_SCALES, (int) layout.valueScales());
    Abi.set(arguments, Abi.Blocks.BLOCK_TOKENS, layout.blockTokens());
  }

  private long layerAddress(int layer) {
    if (layer < 0 || layer >= shape.layers()) {
      throw new IllegalArgumentException("layer %d of %d layers".formatted(layer, shape.layers()));
    }
    return memory.address() + (long) layer * slots * slotBytes;
  }

  /** Gives the memory back. No launch may use it any more. */
  @Override
  public void close() {
    memory.close();
    basis.close();
  }
}
