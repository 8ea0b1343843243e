package org.kvcache.spi;

import org.kvcache.KvShape;

/**
 * What a {@link PagePool} is made for.
 *
 * @param shape of the model
 * @param codecs of its heads, for pages of {@code pageTokens}
 * @param pageTokens tokens of a page
 * @param backend who attends, if the device is this machine's memory
 * @param logitScale what logits are multiplied by
 * @param bytes memory to take at most
 * @param options what follows the device's name and a colon, or empty
 */
public record PagePoolContext(
    KvShape shape,
    BlockCodecs codecs,
    int pageTokens,
    AttentionBackend backend,
    float logitScale,
    long bytes,
    String options) {}
