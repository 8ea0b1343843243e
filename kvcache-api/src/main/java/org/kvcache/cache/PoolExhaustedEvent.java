package org.kvcache.cache;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name("kvcache.PoolExhausted")
@Label("No room for blocks")
@Category("kvcache")
@Enabled(false)
final class PoolExhaustedEvent extends Event {

  @Label("Blocks wanted")
  int wanted;

  @Label("Blocks free or evictable")
  int available;

  void commit(int blocks, int left) {
    if (shouldCommit()) {
      wanted = blocks;
      available = left;
      commit();
    }
  }
}
