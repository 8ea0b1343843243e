/**
 * A small trained block-diffusion model and its task: it denoises a block of tokens at once, each
 * of which sees all blocks before and its whole own block. {@link
 * org.kvcache.bench.diffusion.BlockKv} is the place where a KV cache goes.
 */
@NullMarked
package org.kvcache.bench.diffusion;

import org.jspecify.annotations.NullMarked;
