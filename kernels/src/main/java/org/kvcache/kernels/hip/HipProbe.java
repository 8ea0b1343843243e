package org.kvcache.kernels.hip;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.DeviceException;
import org.kvcache.kernels.device.NativeLibrary;

/**
 * What there is of ROCm.
 *
 * @param hip its functions, or null if something is missing
 * @param devices GPUs that it shows
 * @param missing one sentence, or null
 */
record HipProbe(@Nullable HipLibrary hip, int devices, @Nullable String missing) {

  private static final String NO_GPU =
      "ROCm is installed but shows no GPU; is there one, is its driver (amdgpu) loaded, may this"
          + " user open /dev/kfd, and is HIP_VISIBLE_DEVICES right?";

  /**
   * Looks.
   *
   * @param library the runtime, or null if there is none
   * @param kernels whether this build has kernels for HIP
   */
  static HipProbe look(@Nullable NativeLibrary library, boolean kernels) {
    if (library == null) {
      return without(
          "libamdhip64 was not found; install ROCm 6 or newer, or name the file with -D"
              + HipLibrary.PROPERTY);
    }
    HipLibrary hip;
    int devices;
    try (Arena arena = Arena.ofConfined()) {
      hip = new HipLibrary(library);
      MemorySegment number = arena.allocate(JAVA_INT);
      hip.init(0);
      hip.deviceCount(number);
      devices = number.get(JAVA_INT, 0);
    } catch (IllegalStateException e) {
      return without(e.getMessage() + "; install ROCm 6 or newer");
    } catch (DeviceException e) {
      return without(e.getMessage() + ". " + NO_GPU);
    }
    if (devices == 0) {
      return without(NO_GPU);
    }
    if (!kernels) {
      return without(
          "this build has no HIP kernels; build it with Maven, and without a -Dkvcache.native that"
              + " leaves hip out");
    }
    return new HipProbe(hip, devices, null);
  }

  private static HipProbe without(String missing) {
    return new HipProbe(null, 0, missing);
  }
}
