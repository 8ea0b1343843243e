/** Tiers for KV blocks behind memory: disk and Redis. */
@NullMarked
package org.kvcache.offload;

import org.jspecify.annotations.NullMarked;
