package org.kvcache.offload.pipeline;

import org.kvcache.spi.SparseKv;
import org.kvcache.spi.SparseKvContext;
import org.kvcache.spi.SparseKvProvider;

/** Attention to chosen pages on a device, found by {@link java.util.ServiceLoader}. */
public final class PagedKvProvider implements SparseKvProvider {

  /** Called by {@link java.util.ServiceLoader}. */
  public PagedKvProvider() {}

  @Override
  public SparseKv open(SparseKvContext context) {
    return new PagedKvCache(context);
  }
}
