/** Choosing which pages of a long prefix a block of queries attends to. */
@NullMarked
package org.kvcache.offload.retrieval;

import org.jspecify.annotations.NullMarked;
