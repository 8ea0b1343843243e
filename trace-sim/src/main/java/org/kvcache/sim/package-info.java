/**
 * Replays traces of prefix blocks through the block manager and the policies that serve, and
 * through the bounds that no policy passes.
 */
@NullMarked
package org.kvcache.sim;

import org.jspecify.annotations.NullMarked;
