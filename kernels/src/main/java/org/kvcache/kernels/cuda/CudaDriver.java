package org.kvcache.kernels.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.kvcache.kernels.device.DeviceDriver;
import org.kvcache.kernels.device.DeviceException;
import org.kvcache.kernels.device.KernelInfo;

/** One NVIDIA GPU, in its primary context. */
final class CudaDriver implements DeviceDriver {

  private static final int PORTABLE_MAPPED = 3; // CU_MEMHOSTALLOC_PORTABLE | _DEVICEMAP
  private static final int FREE_SHARED_BYTES = 48 << 10; // more of it must be asked for
  private static final int MOST_ARGUMENT_BYTES = 4096;
  private static final int NAME_BYTES = 256;

  private final int ordinal;
  private final CUdevice device;
  private final CUcontext context = new CUcontext();
  private final CUmodule module = new CUmodule();
  private final String description;
  private final int multiprocessors;
  private final Handles<CUstream> streams = new Handles<>(new CUstream());
  private final Handles<CUevent> events = new Handles<>(new CUevent());
  private final Handles<CUfunction> functions = new Handles<>(new CUfunction());
  private final ThreadLocal<Launch> launches = ThreadLocal.withInitial(Launch::new);

  CudaDriver(int ordinal, byte[] fatbin) {
    this.ordinal = ordinal;
    device = device(ordinal);
    description = describe(ordinal);
    multiprocessors =
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    enter();
    check("cuModuleLoadData", JCudaDriver.cuModuleLoadData(module, fatbin));
  }

  /** Loads JCuda's native library. Only after {@link CudaProbe} found nothing missing. */
  static void load() {
    JCudaDriver.setExceptionsEnabled(false); // codes are turned into sentences here
    check("cuInit", JCudaDriver.cuInit(0));
  }

  /** Name, architecture, multiprocessors and memory. */
  static String describe(int ordinal) {
    CUdevice device = device(ordinal);
    byte[] name = new byte[NAME_BYTES];
    check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, device));
    long[] total = new long[1];
    check("cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(total, device));
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return "%s, sm_%d%d, %d multiprocessors, %d GiB"
        .formatted(
            new String(name, 0, length, StandardCharsets.US_ASCII),
            attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
            attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
            attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
            total[0] >> 30);
  }

  private static CUdevice device(int ordinal) {
    var device = new CUdevice();
    check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
    return device;
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
    return value[0];
  }

  private static void check(String function, int code) {
    if (code != CUresult.CUDA_SUCCESS) {
      throw new DeviceException(
          "%s failed: %s (%d)".formatted(function, CUresult.stringFor(code), code));
    }
  }

  /** Contexts are current in a thread; any thread may come. */
  private void enter() {
    check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
  }

  @Override
  public String name() {
    return "cuda:" + ordinal;
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
    enter();
    var pointer = new DevicePointer();
    check("cuMemAlloc of " + bytes + " bytes", JCudaDriver.cuMemAlloc(pointer, bytes));
    return pointer.address();
  }

  @Override
  public void free(long address) {
    enter();
    check("cuMemFree", JCudaDriver.cuMemFree(new DevicePointer(address)));
  }

  @Override
  public MemorySegment allocatePinned(long bytes) {
    enter();
    var pointer = new HostPointer();
    check(
        "cuMemHostAlloc of " + bytes + " bytes",
        JCudaDriver.cuMemHostAlloc(pointer, bytes, PORTABLE_MAPPED));
    return MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
  }

  @Override
  public long pinnedAddress(MemorySegment pinned) {
    enter();
    var pointer = new DevicePointer();
    check(
        "cuMemHostGetDevicePointer",
        JCudaDriver.cuMemHostGetDevicePointer(pointer, new HostPointer(pinned.address()), 0));
    return pointer.address();
  }

  @Override
  public void freePinned(MemorySegment pinned) {
    enter();
    check("cuMemFreeHost", JCudaDriver.cuMemFreeHost(new HostPointer(pinned.address())));
  }

  @Override
  public void copyToDevice(long target, MemorySegment source, long bytes, long stream) {
    enter();
    check(
        "cuMemcpyHtoDAsync",
        JCudaDriver.cuMemcpyHtoDAsync(
            new DevicePointer(target),
            new HostPointer(source.address()),
            bytes,
            streams.get(stream)));
  }

  @Override
  public void copyToHost(MemorySegment target, long source, long bytes, long stream) {
    enter();
    check(
        "cuMemcpyDtoHAsync",
        JCudaDriver.cuMemcpyDtoHAsync(
            new HostPointer(target.address()),
            new DevicePointer(source),
            bytes,
            streams.get(stream)));
  }

  @Override
  public void fill(long address, byte value, long bytes, long stream) {
    enter();
    check(
        "cuMemsetD8Async",
        JCudaDriver.cuMemsetD8Async(new DevicePointer(address), value, bytes, streams.get(stream)));
  }

  @Override
  public long createStream() {
    enter();
    var stream = new CUstream();
    check(
        "cuStreamCreate",
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    return streams.add(stream);
  }

  @Override
  public void destroyStream(long stream) {
    enter();
    check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(streams.remove(stream)));
  }

  @Override
  public void synchronizeStream(long stream) {
    enter();
    check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(streams.get(stream)));
  }

  @Override
  public long createEvent() {
    enter();
    var event = new CUevent();
    check("cuEventCreate", JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT));
    return events.add(event);
  }

  @Override
  public void destroyEvent(long event) {
    enter();
    check("cuEventDestroy", JCudaDriver.cuEventDestroy(events.remove(event)));
  }

  @Override
  public void recordEvent(long event, long stream) {
    enter();
    check("cuEventRecord", JCudaDriver.cuEventRecord(events.get(event), streams.get(stream)));
  }

  @Override
  public void synchronizeEvent(long event) {
    enter();
    check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(events.get(event)));
  }

  @Override
  public void awaitEvent(long stream, long event) {
    enter();
    check(
        "cuStreamWaitEvent",
        JCudaDriver.cuStreamWaitEvent(streams.get(stream), events.get(event), 0));
  }

  @Override
  public float elapsedMillis(long from, long to) {
    enter();
    float[] millis = new float[1];
    check(
        "cuEventElapsedTime",
        JCudaDriver.cuEventElapsedTime(millis, events.get(from), events.get(to)));
    return millis[0];
  }

  @Override
  public void synchronize() {
    enter();
    check("cuCtxSynchronize", JCudaDriver.cuCtxSynchronize());
  }

  @Override
  public long findKernel(String name) {
    enter();
    var function = new CUfunction();
    int code = JCudaDriver.cuModuleGetFunction(function, module, name);
    if (code == CUresult.CUDA_ERROR_NOT_FOUND) {
      return 0;
    }
    check("cuModuleGetFunction", code);
    int sharedBytes = kernelInfo(name).sharedBytes();
    if (sharedBytes > FREE_SHARED_BYTES) {
      check(
          "cuFuncSetAttribute",
          JCudaDriver.cuFuncSetAttribute(
              function,
              CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              sharedBytes));
    }
    return functions.add(function);
  }

  @Override
  public KernelInfo kernelInfo(String name) {
    enter();
    var address = new DevicePointer();
    long[] bytes = new long[1];
    check(
        "cuModuleGetGlobal of " + name + "_info",
        JCudaDriver.cuModuleGetGlobal(address, bytes, module, name + "_info"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(KernelInfo.BYTES, 4);
      check(
          "cuMemcpyDtoH",
          JCudaDriver.cuMemcpyDtoH(new HostPointer(info.address()), address, KernelInfo.BYTES));
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
    enter();
    Launch launch = launches.get();
    MemorySegment.copy(arguments, 0, launch.arguments, 0, arguments.byteSize());
    check(
        "cuLaunchKernel",
        JCudaDriver.cuLaunchKernel(
            functions.get(kernel),
            gridX,
            gridY,
            gridZ,
            info.threads(),
            1,
            1,
            info.sharedBytes(),
            streams.get(stream),
            launch.parameters,
            null));
  }

  @Override
  public void close() {
    enter();
    check("cuModuleUnload", JCudaDriver.cuModuleUnload(module));
    check("cuDevicePrimaryCtxRelease", JCudaDriver.cuDevicePrimaryCtxRelease(device));
  }

  /** A thread's place for arguments, and JCuda's objects that point to it, so that none is made. */
  private static final class Launch {
    final MemorySegment arguments = Arena.ofAuto().allocate(MOST_ARGUMENT_BYTES, 16);
    final Pointer parameters = Pointer.to(new HostPointer(arguments.address()));
  }
}
