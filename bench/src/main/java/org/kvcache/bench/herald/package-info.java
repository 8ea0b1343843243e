/** {@code kvcache herald}: block diffusion with the cache on the host. */
@NullMarked
package org.kvcache.bench.herald;

import org.jspecify.annotations.NullMarked;
