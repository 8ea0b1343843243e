package org.kvcache.kernels.device;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A shared library of this process, and resources that come with kernels. A library stays loaded.
 * Immutable.
 */
public final class NativeLibrary {

  private final String name;
  private final SymbolLookup symbols;

  private NativeLibrary(String name, SymbolLookup symbols) {
    this.name = name;
    this.symbols = symbols;
  }

  /**
   * Loads a library.
   *
   * @param name a file, if there is a separator in it, else a name for the system's loader
   * @return null if there is none or it does not load
   */
  public static @Nullable NativeLibrary open(String name) {
    try {
      SymbolLookup symbols =
          name.indexOf(File.separatorChar) >= 0
              ? SymbolLookup.libraryLookup(Path.of(name), Arena.global())
              : SymbolLookup.libraryLookup(name, Arena.global());
      return new NativeLibrary(name, symbols);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** As it was asked for. */
  public String name() {
    return name;
  }

  /** Whether it exports a symbol. */
  public boolean has(String symbol) {
    return symbols.find(symbol).isPresent();
  }

  /**
   * A function that returns an int. Addresses are best passed as longs: that allocates nothing.
   *
   * @throws IllegalStateException if the library does not export it
   */
  public MethodHandle function(String symbol, MemoryLayout... parameters) {
    return function(symbol, FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters));
  }

  /**
   * A function of any kind.
   *
   * @throws IllegalStateException if the library does not export it
   */
  public MethodHandle function(String symbol, FunctionDescriptor descriptor) {
    MemorySegment address =
        symbols
            .find(symbol)
            .orElseThrow(() -> new IllegalStateException(name + " does not export " + symbol));
    return Linker.nativeLinker().downcallHandle(address, descriptor);
  }

  /** What a call of a function throws that is not declared to throw anything. */
  public static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof RuntimeException e) {
      return e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(thrown);
  }

  /** The bytes of a resource, or null if this build has it not. */
  public static byte @Nullable [] resource(String path) {
    try (InputStream in = NativeLibrary.class.getClassLoader().getResourceAsStream(path)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
