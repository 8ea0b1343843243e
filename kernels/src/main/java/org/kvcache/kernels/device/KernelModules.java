package org.kvcache.kernels.device;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The modules of one device's kernels, loaded when a kernel of theirs is first asked for. A module
 * is named after a scheme or {@code common}, as {@code simt/modules.h} has it; it is the resource
 * {@code PREFIX-MODULE.SUFFIX}. Thread-safe.
 *
 * @param <M> what the driver makes of the bytes
 */
public final class KernelModules<M> {

  private static final String FOLDER = "META-INF/native/";
  private static final String COMMON = "common";
  private static final List<String> SCHEMES = List.of("bf16", "fp8", "mxfp4", "k8v4", "lm16");

  private final String prefix;
  private final String suffix;
  private final Function<byte[], M> loader;
  private final ConcurrentHashMap<String, M> loaded = new ConcurrentHashMap<>();

  /** None is loaded yet. */
  public KernelModules(String prefix, String suffix, Function<byte[], M> loader) {
    this.prefix = prefix;
    this.suffix = suffix;
    this.loader = loader;
  }

  /** Whether this build has kernels of that kind. */
  public static boolean exist(String prefix, String suffix) {
    return NativeLibrary.resource(path(prefix, COMMON, suffix)) != null;
  }

  /** The module that has the kernel, or null if this build has not that module. */
  public @Nullable M of(String kernel) {
    String module = module(kernel);
    M known = loaded.get(module);
    if (known != null) {
      return known;
    }
    synchronized (this) {
      return loaded.computeIfAbsent(
          module,
          name -> {
            byte[] bytes = NativeLibrary.resource(path(prefix, name, suffix));
            return bytes == null ? null : loader.apply(bytes);
          });
    }
  }

  /** What is loaded. */
  public Iterable<M> loaded() {
    return loaded.values();
  }

  /**
   * {@code kvcache_store_mxfp4_128} is in {@code mxfp4}, {@code kvcache_copy} in {@code common}.
   */
  static String module(String kernel) {
    String[] words = kernel.split("_", -1);
    return words.length > 2 && SCHEMES.contains(words[2]) ? words[2] : COMMON;
  }

  private static String path(String prefix, String module, String suffix) {
    return FOLDER + prefix + "-" + module + "." + suffix;
  }
}
