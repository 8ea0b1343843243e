package org.kvcache.kernels.emu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.DeviceException;
import org.kvcache.kernels.device.KernelInfo;
import org.kvcache.kernels.device.NativeLibrary;

/** The functions of {@code emu/emu.h}. Thread-safe. */
final class Emulation {

  private static final long MOST_TEXT = 4096;

  private final MethodHandle allocate;
  private final MethodHandle free;
  private final MethodHandle info;
  private final MethodHandle launch;
  private final MethodHandle error;

  Emulation(NativeLibrary library) {
    allocate =
        library.function("kvcache_emu_allocate", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    free = library.function("kvcache_emu_free", FunctionDescriptor.ofVoid(JAVA_LONG));
    info = library.function("kvcache_emu_info", FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS));
    launch =
        library.function(
            "kvcache_emu_launch",
            JAVA_INT,
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT);
    error = library.function("kvcache_emu_error", FunctionDescriptor.of(ADDRESS));
  }

  long allocate(long bytes) {
    long address;
    try {
      address = (long) allocate.invokeExact(bytes);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
    if (address == 0) {
      throw new DeviceException("no " + bytes + " bytes of emulated memory: " + error());
    }
    return address;
  }

  void free(long address) {
    try {
      free.invokeExact(address);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** Null if the target has no such kernel. */
  @Nullable KernelInfo info(EmulatedTarget target, String kernel) {
    try (Arena arena = Arena.ofConfined()) {
      var struct = (MemorySegment) info.invokeExact(target.code(), arena.allocateFrom(kernel));
      return struct.equals(MemorySegment.NULL)
          ? null
          : KernelInfo.read(struct.reinterpret(KernelInfo.BYTES));
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  /** The library runs one launch at a time. */
  synchronized void launch(
      EmulatedTarget target,
      MemorySegment kernel,
      int gridX,
      int gridY,
      int gridZ,
      MemorySegment arguments,
      int poisonSeed,
      int order) {
    int code;
    try {
      code =
          (int)
              launch.invokeExact(
                  target.code(),
                  kernel,
                  gridX,
                  gridY,
                  gridZ,
                  arguments,
                  arguments.byteSize(),
                  poisonSeed,
                  order);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
    if (code != 0) {
      throw new DeviceException("emulated " + error());
    }
  }

  private String error() {
    try {
      MemorySegment text = (MemorySegment) error.invokeExact();
      return text.equals(MemorySegment.NULL)
          ? "unknown error"
          : text.reinterpret(MOST_TEXT).getString(0);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }
}
