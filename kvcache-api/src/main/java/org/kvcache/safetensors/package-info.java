/**
 * Reads and writes <a href="https://github.com/huggingface/safetensors#format">safetensors</a>
 * files, in which models publish their weights and kvcache keeps its calibrations.
 *
 * <p>A file is 8 bytes of header length, little-endian; a JSON header that names each tensor's
 * dtype, shape and bytes; and the data, row-major and little-endian, without holes.
 */
@NullMarked
package org.kvcache.safetensors;

import org.jspecify.annotations.NullMarked;
