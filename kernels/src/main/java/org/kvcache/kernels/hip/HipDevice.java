package org.kvcache.kernels.hip;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceException;
import org.kvcache.kernels.device.NativeLibrary;

/** Opens AMD's GPUs: CDNA4 (gfx950) and CDNA3 (gfx942). Thread-safe. */
public final class HipDevice {

  private static final String CODE_OBJECT = "META-INF/native/kvcache-hip.hipfb";

  private HipDevice() {}

  /** Null if {@link #open} can work, else one sentence that says what is missing. */
  public static @Nullable String unavailable() {
    return Found.NOW.missing();
  }

  /** One line for each GPU; none if {@link #unavailable}. */
  public static List<String> descriptions() {
    HipLibrary hip = Found.NOW.hip();
    var lines = new ArrayList<String>();
    for (int i = 0; hip != null && i < Found.NOW.devices(); i++) {
      lines.add(HipDriver.describe(hip, i));
    }
    return lines;
  }

  /**
   * Opens a GPU.
   *
   * @param ordinal from 0 on, as ROCm counts
   * @throws IllegalStateException if {@link #unavailable}
   * @throws IllegalArgumentException if there is no such GPU
   * @throws DeviceException if the GPU is of another architecture, or the runtime refuses
   */
  public static Device open(int ordinal) {
    HipProbe found = Found.NOW;
    if (found.missing() != null) {
      throw new IllegalStateException(found.missing());
    }
    if (ordinal < 0 || ordinal >= found.devices()) {
      throw new IllegalArgumentException(
          "GPU %d of %d; they count from 0".formatted(ordinal, found.devices()));
    }
    byte[] codeObject = Objects.requireNonNull(NativeLibrary.resource(CODE_OBJECT));
    return new Device(new HipDriver(Objects.requireNonNull(found.hip()), ordinal, codeObject));
  }

  /** What this process found when it first asked. */
  private static final class Found {
    static final HipProbe NOW =
        HipProbe.look(HipLibrary.find(), NativeLibrary.resource(CODE_OBJECT) != null);
  }
}
