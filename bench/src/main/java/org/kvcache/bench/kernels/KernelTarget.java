package org.kvcache.bench.kernels;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.cuda.CudaDevice;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.emu.EmulatedDevice;
import org.kvcache.kernels.emu.EmulatedTarget;
import org.kvcache.kernels.hip.HipDevice;
import org.kvcache.spi.AttentionBackend;

/** Whose kernels the commands run. */
enum KernelTarget {
  SCALAR,
  VECTOR,
  NATIVE,
  CUDA,
  HIP,
  EMU_CUDA,
  EMU_SM90,
  EMU_HIP;

  private static final List<KernelTarget> DEVICES = List.of(CUDA, HIP, EMU_CUDA, EMU_SM90, EMU_HIP);

  /** As the user writes it. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  boolean onDevice() {
    return DEVICES.contains(this);
  }

  boolean emulated() {
    return name().startsWith("EMU_");
  }

  /** Null if it runs here, else one sentence that says what is missing. */
  @Nullable String unavailable() {
    return switch (this) {
      case CUDA -> CudaDevice.unavailable();
      case HIP -> HipDevice.unavailable();
      case EMU_CUDA, EMU_SM90, EMU_HIP -> EmulatedDevice.unavailable();
      default -> {
        AttentionBackend found = find();
        yield found == null ? "this build has no '" + label() + "' backend" : found.unavailable();
      }
    };
  }

  private @Nullable AttentionBackend find() {
    return AttentionBackend.all().stream()
        .filter(backend -> backend.name().equals(label()))
        .findFirst()
        .orElse(null);
  }

  AttentionBackend backend() {
    return AttentionBackend.named(label());
  }

  Device open(long seed) {
    return switch (this) {
      case CUDA -> CudaDevice.open(0);
      case HIP -> HipDevice.open(0);
      case EMU_CUDA -> EmulatedDevice.openChecked(EmulatedTarget.CUDA, (int) seed);
      case EMU_SM90 -> EmulatedDevice.openChecked(EmulatedTarget.SM90, (int) seed);
      case EMU_HIP -> EmulatedDevice.openChecked(EmulatedTarget.HIP, (int) seed);
      default -> throw new IllegalStateException(label() + " is no device");
    };
  }

  /**
   * The targets of a command line.
   *
   * @throws IllegalArgumentException if one is not known or, unless it is "all", does not run here
   */
  static List<KernelTarget> named(List<String> names) {
    if (names.contains("all")) {
      return List.of(values());
    }
    return names.stream().map(KernelTarget::named).toList();
  }

  private static KernelTarget named(String name) {
    for (KernelTarget target : values()) {
      if (target.label().equals(name)) {
        String missing = target.unavailable();
        if (missing != null) {
          throw new IllegalArgumentException(
              "backend '" + name + "' does not run here: " + missing);
        }
        return target;
      }
    }
    throw new IllegalArgumentException(
        "unknown backend '%s'; known: all, %s"
            .formatted(
                name,
                String.join(", ", Arrays.stream(values()).map(KernelTarget::label).toList())));
  }
}
