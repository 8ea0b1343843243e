package org.kvcache.cache;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

@Name("kvcache.Eviction")
@Label("Blocks evicted from memory")
@Category("kvcache")
@Enabled(false)
final class EvictionEvent extends Event {

  @Label("Blocks")
  int blocks;

  @Label("Of these, offered to a tier")
  int demoted;

  void commit(int evicted, int offered) {
    if (shouldCommit()) {
      blocks = evicted;
      demoted = offered;
      commit();
    }
  }
}
