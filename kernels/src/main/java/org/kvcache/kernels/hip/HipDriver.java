package org.kvcache.kernels.hip;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.kvcache.kernels.device.DeviceDriver;
import org.kvcache.kernels.device.KernelInfo;

/** One GPU of ROCm. */
final class HipDriver implements DeviceDriver {

  private static final long IMAGE_ALIGNMENT = 4096; // as code object bundles have it inside
  private static final int MULTIPROCESSORS = 63; // hipDeviceAttributeMultiprocessorCount
  private static final int NON_BLOCKING = 1; // hipStreamNonBlocking
  private static final int PORTABLE_MAPPED = 3; // hipHostMallocPortable | hipHostMallocMapped
  private static final int TO_DEVICE = 1; // hipMemcpyHostToDevice
  private static final int TO_HOST = 2; // hipMemcpyDeviceToHost
  private static final int NAME_BYTES = 256;
  private static final int PROPERTIES_BYTES = 8192; // more than any version's struct
  private static final Pattern ARCHITECTURE = Pattern.compile("gfx[0-9a-f]{3,}");

  private final HipLibrary hip;
  private final int ordinal;
  private final String description;
  private final int multiprocessors;
  private final long module;

  /** What a launch points to, for each thread: {@code void* kernelParams[1]}. */
  private final ThreadLocal<MemorySegment> parameters =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(JAVA_LONG));

  HipDriver(HipLibrary hip, int ordinal, byte[] codeObject) {
    this.hip = hip;
    this.ordinal = ordinal;
    hip.setDevice(ordinal);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      hip.attribute(number, MULTIPROCESSORS, ordinal);
      multiprocessors = number.get(JAVA_INT, 0);
      description = describe(hip, ordinal);
      MemorySegment image = arena.allocate(codeObject.length, IMAGE_ALIGNMENT);
      MemorySegment.copy(codeObject, 0, image, JAVA_BYTE, 0, codeObject.length);
      MemorySegment handle = arena.allocate(JAVA_LONG);
      hip.moduleLoadData(handle, image);
      module = handle.get(JAVA_LONG, 0);
    }
  }

  /** Name, architecture, multiprocessors and memory. */
  static String describe(HipLibrary hip, int ordinal) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(NAME_BYTES);
      hip.deviceName(name, NAME_BYTES, ordinal);
      MemorySegment number = arena.allocate(JAVA_INT);
      hip.attribute(number, MULTIPROCESSORS, ordinal);
      hip.setDevice(ordinal);
      MemorySegment memory = arena.allocate(2 * JAVA_LONG.byteSize(), 8);
      hip.memGetInfo(memory, memory.asSlice(JAVA_LONG.byteSize()));
      return "%s, %s, %d compute units, %d GiB"
          .formatted(
              name.getString(0),
              architecture(hip, ordinal, arena),
              number.get(JAVA_INT, 0),
              memory.get(JAVA_LONG, JAVA_LONG.byteSize()) >> 30);
    }
  }

  /** Found by its look: the place of gcnArchName in the struct differs between versions. */
  private static String architecture(HipLibrary hip, int ordinal, Arena arena) {
    MemorySegment properties = arena.allocate(PROPERTIES_BYTES, 8);
    hip.properties(properties, ordinal);
    byte[] bytes = properties.toArray(JAVA_BYTE);
    Matcher matcher = ARCHITECTURE.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    return matcher.find() ? matcher.group() : "unknown architecture";
  }

  @Override
  public String name() {
    return "hip:" + ordinal;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public int multiprocessors() {
    return multiprocessors;
  }

  @Override
  public boolean pooled() {
    return true;
  }

  @Override
  public long allocate(long bytes) {
    hip.setDevice(ordinal);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(JAVA_LONG);
      hip.malloc(address, bytes);
      return address.get(JAVA_LONG, 0);
    }
  }

  @Override
  public void free(long address) {
    hip.setDevice(ordinal);
    hip.free(address);
  }

  @Override
  public MemorySegment allocatePinned(long bytes) {
    hip.setDevice(ordinal);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(JAVA_LONG);
      hip.hostMalloc(address, bytes, PORTABLE_MAPPED);
      return MemorySegment.ofAddress(address.get(JAVA_LONG, 0)).reinterpret(bytes);
    }
  }

  @Override
  public long pinnedAddress(MemorySegment pinned) {
    hip.setDevice(ordinal);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(JAVA_LONG);
      hip.hostPointer(address, pinned.address(), 0);
      return address.get(JAVA_LONG, 0);
    }
  }

  @Override
  public void freePinned(MemorySegment pinned) {
    hip.hostFree(pinned.address());
  }

  @Override
  public void copyToDevice(long target, MemorySegment source, long bytes, long stream) {
    hip.setDevice(ordinal);
    hip.memcpyAsync(target, source.address(), bytes, TO_DEVICE, stream);
  }

  @Override
  public void copyToHost(MemorySegment target, long source, long bytes, long stream) {
    hip.setDevice(ordinal);
    hip.memcpyAsync(target.address(), source, bytes, TO_HOST, stream);
  }

  @Override
  public void fill(long address, byte value, long bytes, long stream) {
    hip.setDevice(ordinal);
    hip.memsetAsync(address, value & 0xFF, bytes, stream);
  }

  @Override
  public long createStream() {
    hip.setDevice(ordinal);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stream = arena.allocate(JAVA_LONG);
      hip.streamCreate(stream, NON_BLOCKING);
      return stream.get(JAVA_LONG, 0);
    }
  }

  @Override
  public void destroyStream(long stream) {
    hip.streamDestroy(stream);
  }

  @Override
  public void synchronizeStream(long stream) {
    hip.setDevice(ordinal);
    hip.streamSynchronize(stream);
  }

  @Override
  public long createEvent() {
    hip.setDevice(ordinal);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(JAVA_LONG);
      hip.eventCreate(event);
      return event.get(JAVA_LONG, 0);
    }
  }

  @Override
  public void destroyEvent(long event) {
    hip.eventDestroy(event);
  }

  @Override
  public void recordEvent(long event, long stream) {
    hip.setDevice(ordinal);
    hip.eventRecord(event, stream);
  }

  @Override
  public void synchronizeEvent(long event) {
    hip.eventSynchronize(event);
  }

  @Override
  public void awaitEvent(long stream, long event) {
    hip.setDevice(ordinal);
    hip.streamWaitEvent(stream, event, 0);
  }

  @Override
  public float elapsedMillis(long from, long to) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment millis = arena.allocate(JAVA_FLOAT);
      hip.eventElapsedTime(millis, from, to);
      return millis.get(JAVA_FLOAT, 0);
    }
  }

  @Override
  public void synchronize() {
    hip.setDevice(ordinal);
    hip.deviceSynchronize();
  }

  @Override
  public long findKernel(String name) {
    hip.setDevice(ordinal);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment function = arena.allocate(JAVA_LONG);
      boolean found = hip.moduleGetFunction(function, module, arena.allocateFrom(name));
      return found ? function.get(JAVA_LONG, 0) : 0;
    }
  }

  @Override
  public KernelInfo kernelInfo(String name) {
    hip.setDevice(ordinal);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(JAVA_LONG);
      MemorySegment bytes = arena.allocate(JAVA_LONG);
      hip.moduleGetGlobal(address, bytes, module, arena.allocateFrom(name + "_info"));
      MemorySegment info = arena.allocate(KernelInfo.BYTES, 4);
      hip.memcpyAsync(info.address(), address.get(JAVA_LONG, 0), KernelInfo.BYTES, TO_HOST, 0);
      hip.streamSynchronize(0);
      return KernelInfo.read(info);
    }
  }

  @Override
  public void launch(
      long kernel,
      KernelInfo info,
      int gridX,
      int gridY,
      int gridZ,
      MemorySegment arguments,
      long stream) {
    hip.setDevice(ordinal);
    MemorySegment pointers = parameters.get();
    pointers.set(JAVA_LONG, 0, arguments.address());
    hip.launchKernel(
        kernel,
        gridX,
        gridY,
        gridZ,
        info.threads(),
        info.sharedBytes(),
        stream,
        pointers.address());
  }

  @Override
  public void close() {
    hip.setDevice(ordinal);
    hip.moduleUnload(module);
  }
}
