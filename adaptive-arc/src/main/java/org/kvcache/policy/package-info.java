/**
 * Eviction policies for prefix caches: the ones of the literature, exactly as published, and two of
 * our own. {@link org.kvcache.policy.HazardPolicy} learns when blocks are used again; {@link
 * org.kvcache.policy.AdaptivePolicy} adds a tournament so that it never does much worse than LRU or
 * ARC. Found under their names through {@link org.kvcache.spi.PolicyCatalog}.
 */
@NullMarked
package org.kvcache.policy;

import org.jspecify.annotations.NullMarked;
