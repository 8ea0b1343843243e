package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.kvcache.KvCache;
import org.kvcache.KvCacheMeters;
import org.kvcache.KvSequence;

class WithoutMicrometerTest {

  /** What runs where there is no Micrometer; returns the tokens that hit. */
  public static final class Engine implements IntSupplier {
    @Override
    public int getAsInt() {
      int[] tokens = Caches.tokens("the quick brown fox");
      try (KvCache cache = Caches.open(8, builder -> builder)) {
        try (KvSequence sequence = cache.begin(tokens)) {
          new Rows(Caches.SHAPE).prefill(sequence, tokens, "");
        }
        cache.begin(tokens).close();
        return (int) cache.stats().memoryHitTokens();
      }
    }
  }

  @Test
  void apiWorks() throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader loader = loaderWithoutMicrometer()) {
      thread.setContextClassLoader(loader); // ServiceLoader asks it
      assertThatThrownBy(() -> loader.loadClass(KvCacheMeters.class.getName()))
          .isInstanceOf(NoClassDefFoundError.class)
          .hasMessageContaining("MeterBinder");
      Class<?> engine = loader.loadClass(Engine.class.getName());
      assertThat(engine).isNotSameAs(Engine.class);
      var supplier = (IntSupplier) engine.getConstructor().newInstance();
      assertThat(supplier.getAsInt()).isEqualTo(16);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static URLClassLoader loaderWithoutMicrometer() throws MalformedURLException {
    var urls = new ArrayList<URL>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!entry.contains("micrometer")) {
        urls.add(new File(entry).toURI().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }
}
