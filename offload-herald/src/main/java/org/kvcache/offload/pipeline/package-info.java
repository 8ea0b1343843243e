/**
 * The pipeline that joins retrieval and a device: for every block the pages that matter are chosen
 * in host memory, what is not on the device yet is moved there, and attention runs over it. One
 * choice is made ahead while the block before is refined.
 */
@NullMarked
package org.kvcache.offload.pipeline;

import org.jspecify.annotations.NullMarked;
