package org.kvcache.sim.cli;

import org.kvcache.sim.capacity.Finding;
import org.kvcache.sim.serving.ServingConfig;

/**
 * What a search found for one configuration.
 *
 * @param config what serves
 * @param sought what was looked for
 * @param finding the probes and the answer
 * @param firstWindow windows before this one are warm-up
 * @param windows of a run
 * @param warmUp how the warm-up was found and what was turned away, for people
 */
record CapacityAnswer(
    ServingConfig config,
    Sought sought,
    Finding finding,
    int firstWindow,
    int windows,
    String warmUp) {}
