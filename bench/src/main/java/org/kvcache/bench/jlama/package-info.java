/** kvcache in Jlama, unpatched. */
@NullMarked
package org.kvcache.bench.jlama;

import org.jspecify.annotations.NullMarked;
