package org.kvcache.kernels.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.NativeLibrary;

/**
 * Looks at NVIDIA's driver without JCuda, whose native library ends the process when the driver
 * lacks one symbol, and throws from a static initialiser when there is no driver.
 *
 * @param devices GPUs that the driver shows
 * @param missing one sentence, or null if JCuda may be touched
 */
record CudaProbe(int devices, @Nullable String missing) {

  private static final String LIBRARY = "libcuda.so.1"; // what JCuda's library is linked to
  private static final String SYMBOLS = "org/kvcache/kernels/cuda/jcuda-driver-symbols.txt";
  private static final int LEAST_VERSION = 12_000; // of CUDA, as the driver reports it
  private static final int NO_DEVICE = 100; // CUDA_ERROR_NO_DEVICE
  private static final String INSTALL =
      "install NVIDIA driver 525 or newer (CUDA 12), or in a container pass the GPU through";

  /** Looks at the driver of this machine. */
  static CudaProbe look() {
    return look(NativeLibrary.open(LIBRARY));
  }

  static CudaProbe look(@Nullable NativeLibrary driver) {
    if (driver == null) {
      return without(LIBRARY + " was not found; " + INSTALL);
    }
    // The version first: a driver that is too old also lacks symbols.
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      if (driver.has("cuDriverGetVersion")) {
        int code = (int) driver.function("cuDriverGetVersion", ADDRESS).invokeExact(number);
        int version = number.get(JAVA_INT, 0);
        if (code == 0 && version < LEAST_VERSION) {
          return without(
              "the NVIDIA driver is for CUDA %d.%d, %d.%d is needed; install driver 525 or newer"
                  .formatted(
                      version / 1000,
                      version % 1000 / 10,
                      LEAST_VERSION / 1000,
                      LEAST_VERSION % 1000 / 10));
        }
      }
      for (String symbol : symbols()) {
        if (!driver.has(symbol)) {
          return without(
              LIBRARY
                  + " does not export "
                  + symbol
                  + ", which JCuda needs; install a complete NVIDIA driver, 525 or newer");
        }
      }
      int code = (int) driver.function("cuInit", JAVA_INT).invokeExact(0);
      if (code == NO_DEVICE) {
        return without("the NVIDIA driver is there but shows no GPU; is CUDA_VISIBLE_DEVICES set?");
      }
      if (code != 0) {
        return without(
            "cuInit of the NVIDIA driver failed with error %d; does nvidia-smi work? If not, load"
                    .formatted(code)
                + " the kernel module or reinstall the driver");
      }
      code = (int) driver.function("cuDeviceGetCount", ADDRESS).invokeExact(number);
      int devices = code == 0 ? number.get(JAVA_INT, 0) : 0;
      if (devices == 0) {
        return without("the NVIDIA driver is there but shows no GPU; is CUDA_VISIBLE_DEVICES set?");
      }
      return new CudaProbe(devices, null);
    } catch (Throwable e) {
      throw NativeLibrary.unexpected(e);
    }
  }

  private static List<String> symbols() {
    byte[] text = Objects.requireNonNull(NativeLibrary.resource(SYMBOLS), SYMBOLS);
    return new String(text, StandardCharsets.US_ASCII).lines().toList();
  }

  private static CudaProbe without(String missing) {
    return new CudaProbe(0, missing);
  }
}
