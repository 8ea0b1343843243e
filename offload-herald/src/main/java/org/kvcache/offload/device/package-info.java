/** A device for chosen pages that is this machine's memory, behind a link that takes its time. */
@NullMarked
package org.kvcache.offload.device;

import org.jspecify.annotations.NullMarked;
