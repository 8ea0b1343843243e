/**
 * Statistics of a simulated run: where its warm-up ends, percentiles of latencies, means over time,
 * and confidence intervals over runs with different seeds. No value gives NaN, never 0.
 */
@NullMarked
package org.kvcache.sim.metrics;

import org.jspecify.annotations.NullMarked;
