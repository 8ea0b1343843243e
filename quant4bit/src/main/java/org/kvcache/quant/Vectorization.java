package org.kvcache.quant;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Locale;

/**
 * Decides once which {@link Kernels} this process uses. {@code -Dkvcache.vectorization=scalar}
 * forces plain Java, {@code vector} insists on the Vector API, and {@code auto}, the default, takes
 * the Vector API when its module is there and the processor has vectors worth using.
 */
final class Vectorization {

  static final String PROPERTY = "kvcache.vectorization";
  static final Kernels KERNELS = choose(System.getProperty(PROPERTY, "auto"));

  private Vectorization() {}

  private static Kernels choose(String wish) {
    switch (wish.toLowerCase(Locale.ROOT)) {
      case "scalar" -> {
        return ScalarKernels.INSTANCE;
      }
      case "auto", "vector" -> {}
      default ->
          throw new IllegalArgumentException(
              "-D" + PROPERTY + "=" + wish + ": say auto, vector or scalar");
    }
    boolean forced = wish.equalsIgnoreCase("vector");
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return without(
          "the Vector API is not readable; add --add-modules=jdk.incubator.vector", forced);
    }
    if (!System.getProperty("java.vm.name", "").contains("HotSpot")
        && !System.getProperty("java.vm.name", "").contains("OpenJDK")) {
      return without("the Vector API is only known to be fast on HotSpot", forced);
    }
    try {
      // By name, so that this class loads without the module.
      return Class.forName("org.kvcache.quant.VectorKernels")
          .asSubclass(Kernels.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      return without("the Vector API did not start (" + e + ")", forced);
    }
  }

  private static Kernels without(String reason, boolean forced) {
    if (forced) {
      throw new IllegalArgumentException("-D" + PROPERTY + "=vector, but " + reason);
    }
    Logger logger = System.getLogger(Vectorization.class.getName());
    logger.log(Level.WARNING, "kvcache quantises in plain Java: " + reason);
    return ScalarKernels.INSTANCE;
  }
}
