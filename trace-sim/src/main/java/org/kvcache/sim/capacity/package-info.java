/**
 * How much a service can carry: limits on its latencies, what a run strains them by, and the search
 * for the highest level (a request rate) or the lowest (devices, a cache size) that holds them in
 * few runs. Knows nothing of what is run: a function runs one level and says what the SLO says of
 * it. All of it is deterministic. Times are in seconds.
 */
@NullMarked
package org.kvcache.sim.capacity;

import org.jspecify.annotations.NullMarked;
