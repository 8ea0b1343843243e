package org.kvcache.kernels.emu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceDriver;
import org.kvcache.kernels.device.NativeLibrary;

/**
 * Opens emulated devices. Their memory ends at guard pages and begins full of NaN, so a kernel that
 * leaves its arrays is stopped with an exception, as one whose threads do not meet at a barrier,
 * and one that reads what was not written gives wrong numbers. Launches run at once, in the calling
 * thread. Thread-safe.
 */
public final class EmulatedDevice {

  /** Names another library file. */
  public static final String PROPERTY = "kvcache.emu.library";

  private static final String RESOURCE = "META-INF/native/libkvcache-emu.so";

  private EmulatedDevice() {}

  /** Null if {@link #open} can work, else one sentence that says what is missing. */
  public static @Nullable String unavailable() {
    return Found.NOW.missing;
  }

  /**
   * An emulated device.
   *
   * @throws IllegalStateException if {@link #unavailable}
   */
  public static Device open(EmulatedTarget target) {
    return new Device(new EmulatedDriver(emulation(), target));
  }

  /**
   * An emulated device that runs every kernel twice, on the same memory, and with an exception
   * unless it leaves the same bytes: threads run in order, then in the opposite order, and shared
   * memory that was not written holds other bytes. So it finds kernels that read such memory, that
   * lack a barrier, or that do not wait for a copy. For one thread at a time.
   *
   * @param seed decides what unwritten memory is filled with
   * @throws IllegalStateException if {@link #unavailable}
   */
  public static Device openChecked(EmulatedTarget target, int seed) {
    return new Device(checkedDriver(target, seed));
  }

  static DeviceDriver checkedDriver(EmulatedTarget target, int seed) {
    return new CheckedDriver(emulation(), target, seed);
  }

  private static Emulation emulation() {
    if (Found.NOW.missing != null) {
      throw new IllegalStateException(Found.NOW.missing);
    }
    return Objects.requireNonNull(Found.NOW.emulation);
  }

  /** What this process found when it first asked. */
  private record Found(@Nullable Emulation emulation, @Nullable String missing) {

    static final Found NOW = look();

    private static Found look() {
      String wish = System.getProperty(PROPERTY);
      Path file = wish == null ? unpacked() : Path.of(wish);
      if (file == null) {
        return new Found(
            null,
            "this build has no emulated kernels; build it with g++ 11 or newer on the PATH and"
                + " without -Dkvcache.native that leaves emu out");
      }
      NativeLibrary library = NativeLibrary.open(file.toAbsolutePath().toString());
      return library == null
          ? new Found(null, "the emulation library " + file + " does not load; build it again")
          : new Found(new Emulation(library), null);
    }

    private static @Nullable Path unpacked() {
      byte[] bytes = NativeLibrary.resource(RESOURCE);
      if (bytes == null) {
        return null;
      }
      try {
        Path file = Files.createTempFile("kvcache-emu", ".so");
        file.toFile().deleteOnExit();
        Files.write(file, bytes);
        return file;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
