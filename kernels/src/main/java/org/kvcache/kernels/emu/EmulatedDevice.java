package org.kvcache.kernels.emu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.NativeLibrary;

/**
 * Opens emulated devices. Their memory ends at guard pages and begins poisoned, so a kernel that
 * leaves its arrays ends the process, and one that reads what was not written gives wrong numbers.
 * Launches run at once, in the calling thread. Thread-safe.
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

  /** An emulated device whose threads run in order. */
  public static Device open(EmulatedTarget target) {
    return open(target, 1, 0);
  }

  /**
   * An emulated device.
   *
   * @param poisonSeed decides what shared memory that was not written is filled with
   * @param order in which threads run between barriers: 0 up, 1 down, others shuffled by the seed
   * @throws IllegalStateException if {@link #unavailable}
   */
  public static Device open(EmulatedTarget target, int poisonSeed, int order) {
    if (Found.NOW.missing != null) {
      throw new IllegalStateException(Found.NOW.missing);
    }
    Emulation emulation = Objects.requireNonNull(Found.NOW.emulation);
    return new Device(new EmulatedDriver(emulation, target, poisonSeed, order));
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
