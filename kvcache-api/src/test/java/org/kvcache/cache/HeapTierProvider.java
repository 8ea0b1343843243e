package org.kvcache.cache;

import java.util.Map;
import java.util.Set;
import org.kvcache.spi.TierProvider;
import org.kvcache.spi.TierSpec;

public final class HeapTierProvider implements TierProvider {

  @Override
  public String name() {
    return "heap";
  }

  @Override
  public String summary() {
    return "for tests";
  }

  @Override
  public TierSpec spec(Map<String, String> settings) {
    if (!settings.keySet().equals(Set.of("when"))) {
      throw new IllegalArgumentException("tier heap takes 'when', not " + settings.keySet());
    }
    return new HeapTier()
        .spec("heap", TierSpec.StoreWhen.valueOf(settings.getOrDefault("when", "")));
  }
}
