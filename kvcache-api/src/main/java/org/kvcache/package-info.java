/**
 * The API of kvcache: a KV cache for LLM serving on the JVM.
 *
 * <p>An LLM engine computes keys and values for each token of a prompt. This package decides which
 * of them stay in memory and finds them again when another request starts with the same tokens.
 * Tokens are cut into <em>blocks</em> of equal length. A full block gets a {@link
 * org.kvcache.BlockKey}, a hash chained over all tokens up to its end, made by a {@link
 * org.kvcache.BlockHasher} through the {@link org.kvcache.KeyChain} of its sequence. Equal keys in
 * one {@link org.kvcache.KeySpace} mean equal contents, so the longest run of leading keys that are
 * stored is the part of the prompt that need not be computed again.
 *
 * <p>What can be swapped (eviction policy, codec, tier, attention) is in {@code org.kvcache.spi}.
 *
 * <p>Units: tokens and blocks are counted as {@code int}, bytes as {@code long}. Parameters and
 * results are not null unless marked {@code @Nullable}. Each type says who may call it from which
 * thread.
 */
@NullMarked
package org.kvcache;

import org.jspecify.annotations.NullMarked;
