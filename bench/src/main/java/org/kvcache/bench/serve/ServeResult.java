package org.kvcache.bench.serve;

import java.util.List;
import org.kvcache.KvCacheStats;
import org.kvcache.KvShape;
import org.kvcache.TierStats;

/**
 * Both runs side by side.
 *
 * @param workload what was served
 * @param scheme how the cache stores K and V
 * @param policy who is evicted
 * @param shape of the model
 * @param without each request computed from its first token, in flat arrays of floats
 * @param with the same requests over one cache
 * @param stats of the cache after the last request
 */
record ServeResult(
    AgentWorkload workload,
    String scheme,
    String policy,
    KvShape shape,
    ServeRun without,
    ServeRun with,
    KvCacheStats stats) {

  /** What flat arrays of all sessions take, each as long as its session grows. */
  long flatBytes() {
    long sessions = (long) workload.tenants() * workload.sessions();
    return sessions * without.longest() * shape.floatBytesPerToken();
  }

  List<TierStats> tiers() {
    return stats.tiers();
  }

  /** Tokens that were found in memory when their request came. */
  long memoryTokens() {
    return stats.memoryHitTokens();
  }

  /** Share of all prompt tokens. */
  double share(long tokens) {
    return (double) tokens / with.promptTokens();
  }

  double speedup(double share) {
    return without.firstTokenMillis(share) / with.firstTokenMillis(share);
  }
}
