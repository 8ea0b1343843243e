package org.kvcache.offload;

import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How to reach a server or cluster, and what to ask of it.
 *
 * @param uris one server, or some nodes of a cluster
 * @param cluster true for a cluster
 * @param timeout how long one batch of requests may take, and with it the wait for a connection
 * @param timeToLive how long a block stays; zero for as long as the server likes
 * @param batchBytes bytes that are asked for or sent at once; at least one block is
 * @param keyPrefix start of every key
 * @param retryAfter how long a failed server is left alone
 */
record RedisSettings(
    List<RedisURI> uris,
    boolean cluster,
    Duration timeout,
    Duration timeToLive,
    long batchBytes,
    String keyPrefix,
    Duration retryAfter) {

  /** Hosts and ports, without secrets. */
  String address() {
    return uris.stream()
        .map(uri -> uri.getHost() + ":" + uri.getPort())
        .collect(Collectors.joining(", "));
  }
}
