package org.kvcache.cache;

import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("kvcache.SequenceBegin")
@Label("Sequence began")
@Category("kvcache")
@Enabled(false)
@StackTrace(false)
final class SequenceBeginEvent extends Event {

  @Label("Prompt tokens")
  int promptTokens;

  @Label("Tokens matched in memory")
  int memoryTokens;

  @Label("Tokens expected from all tiers")
  int expectedTokens;

  void commit(int prompt, int memory, int expected) {
    if (shouldCommit()) {
      promptTokens = prompt;
      memoryTokens = memory;
      expectedTokens = expected;
      commit();
    }
  }
}
