/**
 * What serving costs in time, reckoned from the shape of a model and the data sheet of a machine:
 * the analytic model of block diffusion with the whole cache on the GPU, and with the cache on the
 * host and a chosen set on the GPU (HERALD, arXiv 2606.21633). Nothing here is measured; a
 * calibration fits the factors of a machine to passes that the user has measured. Sizes are in
 * bytes, times in seconds, rates per second.
 */
@NullMarked
package org.kvcache.sim.cost;

import org.jspecify.annotations.NullMarked;
