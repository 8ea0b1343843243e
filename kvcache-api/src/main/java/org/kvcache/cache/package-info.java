/** The cache behind {@link org.kvcache.KvCache}. Internal: not API. */
@NullMarked
package org.kvcache.cache;

import org.jspecify.annotations.NullMarked;
