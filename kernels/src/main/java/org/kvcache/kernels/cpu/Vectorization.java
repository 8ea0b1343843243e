package org.kvcache.kernels.cpu;

import java.util.Locale;

/**
 * Decides once which {@link Softmax} this process uses, by the same property as the codecs: {@code
 * -Dkvcache.vectorization=scalar|vector|auto}. The codecs say why when the Vector API is missing.
 */
final class Vectorization {

  static final Softmax SOFTMAX =
      choose(System.getProperty("kvcache.vectorization", "auto").toLowerCase(Locale.ROOT));

  private Vectorization() {}

  private static Softmax choose(String wish) {
    boolean readable = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    if (wish.equals("scalar") || !readable) {
      return ScalarSoftmax.INSTANCE;
    }
    try {
      // By name, so that this class loads without the module.
      return Class.forName("org.kvcache.kernels.cpu.VectorSoftmax")
          .asSubclass(Softmax.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      return ScalarSoftmax.INSTANCE;
    }
  }
}
