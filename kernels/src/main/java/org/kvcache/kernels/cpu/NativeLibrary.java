package org.kvcache.kernels.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * {@code libkvcache-cpu}, loaded once and never unloaded. Its functions are those at the end of
 * attention.cpp.
 */
final class NativeLibrary {

  private static final FunctionDescriptor ATTEND =
      FunctionDescriptor.ofVoid(
          ValueLayout.ADDRESS, // buffer
          ValueLayout.ADDRESS, // memory
          ValueLayout.ADDRESS, // runs
          ValueLayout.JAVA_LONG, // how many
          ValueLayout.ADDRESS, // staged rows
          ValueLayout.JAVA_LONG, // how many
          ValueLayout.JAVA_FLOAT); // scale of logits

  private static final FunctionDescriptor SCAN =
      FunctionDescriptor.ofVoid(
          ValueLayout.ADDRESS, // buffer
          ValueLayout.ADDRESS, // memory
          ValueLayout.ADDRESS, // runs
          ValueLayout.JAVA_LONG, // how many
          ValueLayout.ADDRESS, // logits
          ValueLayout.JAVA_LONG, // offset in them
          ValueLayout.JAVA_LONG); // stride of queries

  /** The library and why it is not there; one of them is null. */
  private record Load(@Nullable NativeLibrary library, @Nullable String missing) {}

  private static final Load LOAD = load();

  private final MethodHandle attend;
  private final MethodHandle attendOnHeap;
  private final MethodHandle query;
  private final MethodHandle scan;
  private final MethodHandle bufferBytes;
  private final NativeLevel best;
  private final NativeLevel level;

  @SuppressWarnings("restricted") // the library is ours
  private NativeLibrary(SymbolLookup symbols) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MemorySegment function = symbols.findOrThrow("kvcache_cpu_attend");
    attend = linker.downcallHandle(function, ATTEND);
    attendOnHeap = linker.downcallHandle(function, ATTEND, Linker.Option.critical(true));
    query =
        linker.downcallHandle(
            symbols.findOrThrow("kvcache_cpu_query"),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    scan =
        linker.downcallHandle(
            symbols.findOrThrow("kvcache_cpu_scan"), SCAN, Linker.Option.critical(true));
    bufferBytes =
        linker.downcallHandle(
            symbols.findOrThrow("kvcache_cpu_buffer_bytes"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    MethodHandle bestLevel =
        linker.downcallHandle(
            symbols.findOrThrow("kvcache_cpu_level"), FunctionDescriptor.of(ValueLayout.JAVA_INT));
    best = NativeLevel.values()[(int) bestLevel.invokeExact()];
    level = NativeLevel.choose(System.getProperty(NativeLevel.PROPERTY, "auto"), best);
  }

  /** One sentence that says why there is no library, or null if there is. */
  static @Nullable String missing() {
    return LOAD.missing;
  }

  /**
   * The library.
   *
   * @throws IllegalStateException if it is {@link #missing}
   */
  static NativeLibrary get() {
    NativeLibrary library = LOAD.library;
    if (library == null) {
      throw new IllegalStateException(LOAD.missing);
    }
    return library;
  }

  /** The highest level of this processor. */
  NativeLevel best() {
    return best;
  }

  /** The level that kernels use unless they are told. */
  NativeLevel level() {
    return level;
  }

  /** Bytes of a kernel's buffer. */
  long bufferBytes(int headDim, int heads) {
    try {
      return (long) bufferBytes.invokeExact(headDim, heads);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /**
   * Attends; see {@code Call} in plan.h. A collector cannot run while {@code memory} is on the heap
   * and a call is under way, so that one is meant for tests and small caches.
   */
  void attend(
      MemorySegment buffer,
      MemorySegment memory,
      RunList list,
      MemorySegment staged,
      long stagedCount,
      float logitScale) {
    MemorySegment runs = list.runs();
    long runCount = list.count();
    try {
      if (memory.isNative()) {
        attend.invokeExact(buffer, memory, runs, runCount, staged, stagedCount, logitScale);
      } else {
        attendOnHeap.invokeExact(buffer, memory, runs, runCount, staged, stagedCount, logitScale);
      }
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Takes the queries in a buffer for the scans that follow. */
  void query(MemorySegment buffer) {
    try {
      query.invokeExact(buffer);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /**
   * Scans; see {@code Scan} in plan.h. No collector can run meanwhile, so a call is to be short.
   *
   * @param logits of an array, from its start
   */
  void scan(
      MemorySegment buffer,
      MemorySegment memory,
      RunList list,
      MemorySegment logits,
      long offset,
      long stride) {
    MemorySegment runs = list.runs();
    long runCount = list.count();
    try {
      scan.invokeExact(buffer, memory, runs, runCount, logits, offset, stride);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  private static RuntimeException failed(Throwable e) {
    return switch (e) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }

  private static Load load() {
    String name = "libkvcache-cpu-" + architecture() + ".so";
    URL url = NativeLibrary.class.getResource("/META-INF/native/" + name);
    if (url == null) {
      return new Load(
          null,
          System.getProperty("os.name").equals("Linux")
              ? "libkvcache-cpu was not built: g++ was not found when kvcache was built; install"
                  + " it and build again"
              : "libkvcache-cpu is for Linux only");
    }
    try {
      return new Load(new NativeLibrary(open(url)), null);
    } catch (IllegalArgumentException e) {
      return new Load(null, String.valueOf(e.getMessage()));
    } catch (Throwable e) {
      return new Load(null, name + " does not load: " + e);
    }
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("amd64") ? "x86_64" : name;
  }

  /** Opens a file where it lies, and what lies in a jar by way of a temporary file. */
  @SuppressWarnings("restricted") // the library is ours
  private static SymbolLookup open(URL url) throws IOException, URISyntaxException {
    if (url.getProtocol().equals("file")) {
      return SymbolLookup.libraryLookup(Path.of(url.toURI()), Arena.global());
    }
    Path copy = Files.createTempFile("libkvcache-cpu-", ".so");
    try (InputStream from = url.openStream()) {
      Files.copy(from, copy, StandardCopyOption.REPLACE_EXISTING);
      return SymbolLookup.libraryLookup(copy, Arena.global());
    } finally {
      Files.delete(copy); // what is loaded stays
    }
  }
}
