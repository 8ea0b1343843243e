/**
 * Eviction policies that other serving engines ship, modelled from their sources block by block for
 * comparison; not meant for use.
 */
@NullMarked
package org.kvcache.sim.peers;

import org.jspecify.annotations.NullMarked;
