/** The block manager behind {@link org.kvcache.BlockManager}. Internal: not API. */
@NullMarked
package org.kvcache.manager;

import org.jspecify.annotations.NullMarked;
