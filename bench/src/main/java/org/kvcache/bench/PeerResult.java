package org.kvcache.bench;

import java.util.List;

/**
 * One policy on one stream at one capacity, ours and the peer's in turns.
 *
 * @param trace name of the trace
 * @param digest digest of the trace
 * @param policy our name of the policy
 * @param capacityBlocks entries both may hold
 * @param blockRefs accesses in a pass
 * @param ourHits hits of ours
 * @param peerHits hits of the peer
 * @param ourRates references per CPU second by round, ids interned before: no hash table
 * @param ourHashedRates the same with 64-bit keys looked up in a hash table, as the peer does;
 *     empty where ours has none
 * @param peerRates the peer's
 */
record PeerResult(
    String trace,
    String digest,
    String policy,
    int capacityBlocks,
    long blockRefs,
    long ourHits,
    long peerHits,
    List<Double> ourRates,
    List<Double> ourHashedRates,
    List<Double> peerRates) {

  /** Ours over the peer's, by round. */
  Spread ratio() {
    return Spread.ofRatios(ourRates, peerRates);
  }

  /** Ours with a hash table over the peer's, by round. */
  Spread hashedRatio() {
    return Spread.ofRatios(ourHashedRates, peerRates);
  }

  /** Whether the hits are as alike as they should be. */
  boolean hitsAgree() {
    return Pairing.of(policy).accepts(ourHits, peerHits);
  }
}
