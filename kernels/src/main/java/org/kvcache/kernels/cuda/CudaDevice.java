package org.kvcache.kernels.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceException;
import org.kvcache.kernels.device.NativeLibrary;

/** Opens NVIDIA's GPUs, from Ampere (sm_80) on. Thread-safe. */
public final class CudaDevice {

  private static final String FATBIN = "META-INF/native/kvcache-cuda.fatbin";

  private CudaDevice() {}

  /** Null if {@link #open} can work, else one sentence that says what is missing. */
  public static @Nullable String unavailable() {
    return Found.MISSING;
  }

  /** One line for each GPU; none if {@link #unavailable}. */
  public static List<String> descriptions() {
    var lines = new ArrayList<String>();
    for (int i = 0; Found.MISSING == null && i < Found.PROBE.devices(); i++) {
      lines.add(CudaDriver.describe(i));
    }
    return lines;
  }

  /**
   * Opens a GPU.
   *
   * @param ordinal from 0 on, as the driver counts
   * @throws IllegalStateException if {@link #unavailable}
   * @throws IllegalArgumentException if there is no such GPU
   * @throws DeviceException if the driver refuses, for example because the GPU is too old
   */
  public static Device open(int ordinal) {
    if (Found.MISSING != null) {
      throw new IllegalStateException(Found.MISSING);
    }
    if (ordinal < 0 || ordinal >= Found.PROBE.devices()) {
      throw new IllegalArgumentException(
          "GPU %d of %d; they count from 0".formatted(ordinal, Found.PROBE.devices()));
    }
    byte[] fatbin = Objects.requireNonNull(NativeLibrary.resource(FATBIN));
    return new Device(new CudaDriver(ordinal, fatbin));
  }

  /** What this process found when it first asked. */
  private static final class Found {

    static final CudaProbe PROBE = CudaProbe.look();
    static final @Nullable String MISSING = missing();

    private static @Nullable String missing() {
      if (PROBE.missing() != null) {
        return PROBE.missing();
      }
      if (NativeLibrary.resource(FATBIN) == null) {
        return "this build has no CUDA kernels; build it with nvcc 12.8 or newer on the PATH and"
            + " without -Dkvcache.native that leaves cuda out";
      }
      try {
        CudaDriver.load();
        return null;
      } catch (LinkageError e) {
        return "JCuda's native library does not load on this machine (%s %s); it is made for Linux"
                .formatted(System.getProperty("os.name"), System.getProperty("os.arch"))
            + " on x86_64, and java.io.tmpdir must be writable";
      }
    }
  }
}
