package org.kvcache.cache;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("kvcache.TierLoad")
@Label("Blocks loaded from a tier")
@Category("kvcache")
@Enabled(false)
@StackTrace(false)
final class TierLoadEvent extends Event {

  @Label("Tier")
  String tier = "";

  @Label("Blocks wanted")
  int wanted;

  @Label("Blocks loaded and checked")
  int loaded;

  void commit(String name, int count, int arrived) {
    if (shouldCommit()) {
      tier = name;
      wanted = count;
      loaded = arrived;
      commit();
    }
  }
}
