/**
 * Number formats for K and V, the transforms before them, and attention on their codes. {@code
 * FORMATS.md} says what each byte means.
 */
@NullMarked
package org.kvcache.quant;

import org.jspecify.annotations.NullMarked;
