/**
 * What a plug-in implements. A plug-in sees this package and {@code org.kvcache}, nothing else of
 * ours, and is found by {@link java.util.ServiceLoader} under a name.
 */
@NullMarked
package org.kvcache.spi;

import org.jspecify.annotations.NullMarked;
