package com.github.tjake.jlama.model;

import com.github.tjake.jlama.tensor.KvBufferCache;

/** In Jlama's package, since the field is protected. */
public final class KvBufferCaches {

  private KvBufferCaches() {}

  /** Makes a model take its buffers from {@code buffers}; returns where it took them from. */
  public static KvBufferCache install(AbstractModel model, KvBufferCache buffers) {
    KvBufferCache before = model.kvBufferCache;
    model.kvBufferCache = buffers;
    return before;
  }
}
