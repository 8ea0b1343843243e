/**
 * What the formats and schemes of KV do to numbers: {@code kvcache encode} and {@code decode} show
 * a format's bytes, {@code kvcache quality} measures the errors of schemes, {@code kvcache formats}
 * and {@code schemes} list both. Knows codecs by their SPI only.
 */
@NullMarked
package org.kvcache.bench.quality;

import org.jspecify.annotations.NullMarked;
