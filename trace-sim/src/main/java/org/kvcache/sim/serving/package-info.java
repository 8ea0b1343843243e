/**
 * A discrete-event model of a serving engine: requests arrive, prompts are computed in chunks
 * beside the decode steps of others, keys and values live in blocks of the {@link
 * org.kvcache.BlockManager} that serves, and each pass takes the time that {@link
 * org.kvcache.sim.cost.PassModel} gives it. Same input, same seed, same output. Times are in
 * seconds, sizes in bytes and tokens.
 */
@NullMarked
package org.kvcache.sim.serving;

import org.jspecify.annotations.NullMarked;
