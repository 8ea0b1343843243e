package org.kvcache.kernels.hip;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.File;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.DeviceException;
import org.kvcache.kernels.device.NativeLibrary;

/**
 * The functions of {@code libamdhip64} that are used here, named as there. Pointers that the device
 * gives are longs. Each throws {@link DeviceException} unless it returns {@code hipSuccess}.
 * Source: the reference of the HIP runtime API, ROCm 6.
 */
final class HipLibrary {

  /** Names another library file. */
  static final String PROPERTY = "kvcache.hip.library";

  private static final List<String> NAMES =
      List.of("libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so");
  private static final int SUCCESS = 0;
  private static final long MOST_TEXT = 1024;
  private static final String DEFAULT_FOLDER = "/opt/rocm/lib";

  private final NativeLibrary library;
  private final MethodHandle errorString;
  private final MethodHandle init;
  private final MethodHandle driverVersion;
  private final MethodHandle deviceCount;
  private final MethodHandle setDevice;
  private final MethodHandle deviceName;
  private final MethodHandle attribute;
  private final MethodHandle properties;
  private final MethodHandle memGetInfo;
  private final MethodHandle malloc;
  private final MethodHandle free;
  private final MethodHandle hostMalloc;
  private final MethodHandle hostPointer;
  private final MethodHandle hostFree;
  private final MethodHandle memcpyAsync;
  private final MethodHandle memsetAsync;
  private final MethodHandle streamCreate;
  private final MethodHandle streamDestroy;
  private final MethodHandle streamSynchronize;
  private final MethodHandle streamWaitEvent;
  private final MethodHandle eventCreate;
  private final MethodHandle eventDestroy;
  private final MethodHandle eventRecord;
  private final MethodHandle eventSynchronize;
  private final MethodHandle eventElapsedTime;
  private final MethodHandle deviceSynchronize;
  private final MethodHandle moduleLoadData;
  private final MethodHandle moduleUnload;
  private final MethodHandle moduleGetFunction;
  private final MethodHandle moduleGetGlobal;
  private final MethodHandle launchKernel;

  HipLibrary(NativeLibrary library) {
    this.library = library;
    errorString = library.function("hipGetErrorString", FunctionDescriptor.of(ADDRESS, JAVA_INT));
    init = library.function("hipInit", JAVA_INT);
    driverVersion = library.function("hipDriverGetVersion", ADDRESS);
    deviceCount = library.function("hipGetDeviceCount", ADDRESS);
    setDevice = library.function("hipSetDevice", JAVA_INT);
    deviceName = library.function("hipDeviceGetName", ADDRESS, JAVA_INT, JAVA_INT);
    attribute = library.function("hipDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
    // ROCm 6 gave the struct a new shape and the function a new name, and kept the old one.
    String current = "hipGetDevicePropertiesR0600";
    String name = library.has(current) ? current : "hipGetDeviceProperties";
    properties = library.function(name, ADDRESS, JAVA_INT);
    memGetInfo = library.function("hipMemGetInfo", ADDRESS, ADDRESS);
    malloc = library.function("hipMalloc", ADDRESS, JAVA_LONG);
    free = library.function("hipFree", JAVA_LONG);
    hostMalloc = library.function("hipHostMalloc", ADDRESS, JAVA_LONG, JAVA_INT);
    hostPointer = library.function("hipHostGetDevicePointer", ADDRESS, JAVA_LONG, JAVA_INT);
    hostFree = library.function("hipHostFree", JAVA_LONG);
    memcpyAsync =
        library.function("hipMemcpyAsync", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
    memsetAsync = library.function("hipMemsetAsync", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    streamCreate = library.function("hipStreamCreateWithFlags", ADDRESS, JAVA_INT);
    streamDestroy = library.function("hipStreamDestroy", JAVA_LONG);
    streamSynchronize = library.function("hipStreamSynchronize", JAVA_LONG);
    streamWaitEvent = library.function("hipStreamWaitEvent", JAVA_LONG, JAVA_LONG, JAVA_INT);
    eventCreate = library.function("hipEventCreate", ADDRESS);
    eventDestroy = library.function("hipEventDestroy", JAVA_LONG);
    eventRecord = library.function("hipEventRecord", JAVA_LONG, JAVA_LONG);
    eventSynchronize = library.function("hipEventSynchronize", JAVA_LONG);
    eventElapsedTime = library.function("hipEventElapsedTime", ADDRESS, JAVA_LONG, JAVA_LONG);
    deviceSynchronize = library.function("hipDeviceSynchronize");
    moduleLoadData = library.function("hipModuleLoadData", ADDRESS, ADDRESS);
    moduleUnload = library.function("hipModuleUnload", JAVA_LONG);
    moduleGetFunction = library.function("hipModuleGetFunction", ADDRESS, JAVA_LONG, ADDRESS);
    moduleGetGlobal = library.function("hipModuleGetGlobal", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    launchKernel =
        library.function(
            "hipModuleLaunchKernel",
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
  }

  /** The library of this machine, or null. */
  static @Nullable NativeLibrary find() {
    String wish = System.getProperty(PROPERTY);
    if (wish != null) {
      return NativeLibrary.open(wish);
    }
    for (String name : NAMES) {
      NativeLibrary library = NativeLibrary.open(name);
      if (library == null) {
        library = NativeLibrary.open(DEFAULT_FOLDER + File.separator + name);
      }
      if (library != null) {
        return library;
      }
    }
    return null;
  }

  void init(int flags) {
    try {
      check("hipInit", (int) init.invokeExact(flags));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void driverVersion(MemorySegment version) {
    try {
      check("hipDriverGetVersion", (int) driverVersion.invokeExact(version));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void deviceCount(MemorySegment count) {
    try {
      check("hipGetDeviceCount", (int) deviceCount.invokeExact(count));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void setDevice(int device) {
    try {
      check("hipSetDevice", (int) setDevice.invokeExact(device));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void deviceName(MemorySegment name, int length, int device) {
    try {
      check("hipDeviceGetName", (int) deviceName.invokeExact(name, length, device));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void attribute(MemorySegment value, int which, int device) {
    try {
      check("hipDeviceGetAttribute", (int) attribute.invokeExact(value, which, device));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void properties(MemorySegment struct, int device) {
    try {
      check("hipGetDeviceProperties", (int) properties.invokeExact(struct, device));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void memGetInfo(MemorySegment free, MemorySegment total) {
    try {
      check("hipMemGetInfo", (int) memGetInfo.invokeExact(free, total));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void malloc(MemorySegment address, long bytes) {
    try {
      check("hipMalloc", (int) malloc.invokeExact(address, bytes));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void free(long address) {
    try {
      check("hipFree", (int) free.invokeExact(address));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void hostMalloc(MemorySegment address, long bytes, int flags) {
    try {
      check("hipHostMalloc", (int) hostMalloc.invokeExact(address, bytes, flags));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void hostPointer(MemorySegment address, long host, int flags) {
    try {
      check("hipHostGetDevicePointer", (int) hostPointer.invokeExact(address, host, flags));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void hostFree(long address) {
    try {
      check("hipHostFree", (int) hostFree.invokeExact(address));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void memcpyAsync(long target, long source, long bytes, int kind, long stream) {
    try {
      check("hipMemcpyAsync", (int) memcpyAsync.invokeExact(target, source, bytes, kind, stream));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void memsetAsync(long target, int value, long bytes, long stream) {
    try {
      check("hipMemsetAsync", (int) memsetAsync.invokeExact(target, value, bytes, stream));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void streamCreate(MemorySegment stream, int flags) {
    try {
      check("hipStreamCreateWithFlags", (int) streamCreate.invokeExact(stream, flags));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void streamDestroy(long stream) {
    try {
      check("hipStreamDestroy", (int) streamDestroy.invokeExact(stream));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void streamSynchronize(long stream) {
    try {
      check("hipStreamSynchronize", (int) streamSynchronize.invokeExact(stream));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void streamWaitEvent(long stream, long event, int flags) {
    try {
      check("hipStreamWaitEvent", (int) streamWaitEvent.invokeExact(stream, event, flags));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void eventCreate(MemorySegment event) {
    try {
      check("hipEventCreate", (int) eventCreate.invokeExact(event));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void eventDestroy(long event) {
    try {
      check("hipEventDestroy", (int) eventDestroy.invokeExact(event));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void eventRecord(long event, long stream) {
    try {
      check("hipEventRecord", (int) eventRecord.invokeExact(event, stream));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void eventSynchronize(long event) {
    try {
      check("hipEventSynchronize", (int) eventSynchronize.invokeExact(event));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void eventElapsedTime(MemorySegment millis, long from, long to) {
    try {
      check("hipEventElapsedTime", (int) eventElapsedTime.invokeExact(millis, from, to));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void deviceSynchronize() {
    try {
      check("hipDeviceSynchronize", (int) deviceSynchronize.invokeExact());
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void moduleLoadData(MemorySegment module, MemorySegment image) {
    try {
      check("hipModuleLoadData", (int) moduleLoadData.invokeExact(module, image));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void moduleUnload(long module) {
    try {
      check("hipModuleUnload", (int) moduleUnload.invokeExact(module));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** False if the module has no such function. */
  boolean moduleGetFunction(MemorySegment function, long module, MemorySegment name) {
    try {
      return (int) moduleGetFunction.invokeExact(function, module, name) == SUCCESS;
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void moduleGetGlobal(
      MemorySegment address, MemorySegment bytes, long module, MemorySegment name) {
    try {
      check("hipModuleGetGlobal", (int) moduleGetGlobal.invokeExact(address, bytes, module, name));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  void launchKernel(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int threads,
      int sharedBytes,
      long stream,
      long parameters) {
    try {
      check(
          "hipModuleLaunchKernel",
          (int)
              launchKernel.invokeExact(
                  function,
                  gridX,
                  gridY,
                  gridZ,
                  threads,
                  1,
                  1,
                  sharedBytes,
                  stream,
                  parameters,
                  0L));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  private void check(String function, int code) {
    if (code != SUCCESS) {
      throw new DeviceException(
          "%s failed: %s (%d, from %s)".formatted(function, text(code), code, library.name()));
    }
  }

  private String text(int code) {
    try {
      MemorySegment text = (MemorySegment) errorString.invokeExact(code);
      return text.equals(MemorySegment.NULL)
          ? "unknown error"
          : text.reinterpret(MOST_TEXT).getString(0);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}
