package org.kvcache.spi;

import java.util.ServiceLoader;

/**
 * Brings retrieval, the device's set of pages and the transfers between both together. Found by
 * {@link ServiceLoader}; there is one.
 */
public interface SparseKvProvider {

  /**
   * For one cache.
   *
   * @throws IllegalArgumentException if a name of the settings is unknown, or the device takes no
   *     such pages
   */
  SparseKv open(SparseKvContext context);

  /**
   * The provider on the class path.
   *
   * @throws IllegalArgumentException if there is none
   */
  static SparseKvProvider get() {
    return ServiceLoader.load(SparseKvProvider.class)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "nobody can attend to a part of a prefix; put offload-herald on the class path, or"
                    + " configure no retrieval"));
  }
}
