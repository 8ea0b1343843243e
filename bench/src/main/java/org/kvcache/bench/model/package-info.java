/** Tiny models, written by the project itself, whose right answers are known. */
@NullMarked
package org.kvcache.bench.model;

import org.jspecify.annotations.NullMarked;
