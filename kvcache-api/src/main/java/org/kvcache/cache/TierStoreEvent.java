package org.kvcache.cache;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("kvcache.TierStore")
@Label("Blocks stored in a tier")
@Category("kvcache")
@Enabled(false)
@StackTrace(false)
final class TierStoreEvent extends Event {

  @Label("Tier")
  String tier = "";

  @Label("Blocks handed over")
  int blocks;

  @Label("Blocks held afterwards")
  int held;

  void commit(String name, int count, int heldAfterwards) {
    if (shouldCommit()) {
      tier = name;
      blocks = count;
      held = heldAfterwards;
      commit();
    }
  }
}
