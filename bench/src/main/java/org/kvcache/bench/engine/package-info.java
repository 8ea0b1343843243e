/**
 * A plain decoder of Llama and Qwen models: the example that shows the author of an engine where
 * each call of kvcache goes. The three places are {@code CachedKv} (the store and the attention
 * loop) and {@link org.kvcache.bench.engine.Generator} (the generate loop).
 */
@NullMarked
package org.kvcache.bench.engine;

import org.jspecify.annotations.NullMarked;
