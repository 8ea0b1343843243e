/** {@code kvcache serve-demo}: the reference engine with and without the cache. */
@NullMarked
package org.kvcache.bench.serve;

import org.jspecify.annotations.NullMarked;
