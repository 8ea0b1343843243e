package org.kvcache;

/**
 * The message of vLLM's {@code sha256_cbor}: canonical CBOR of the array [parent digest, token ids,
 * extra keys or null].
 *
 * <p>The parent of the first block is the digest of the seed as a CBOR text string. The extra keys
 * are an array of the LoRA name, an [identifier, offset] pair for each multimodal item, the cache
 * salt in the first block only, and the hash of the prompt embeddings; without any of them the
 * array is null.
 *
 * <p>Source: {@code hash_block_tokens}, {@code generate_block_hash_extra_keys} and {@code
 * init_none_hash} in {@code vllm/v1/core/kv_cache_utils.py}, {@code sha256_cbor} in {@code
 * vllm/utils/hashing.py}, as they are since vLLM's pull request 51875 (August 2026).
 */
final class VllmMessage implements BlockMessage {

  private static final int FIELDS = 3;
  private static final byte[] NO_SALT = {};

  private final byte[] root;
  private final byte[] saltItem;

  VllmMessage(String seed, String salt) {
    root = textItem("seed", seed);
    // vLLM tests the salt for truth, so an empty one is none.
    saltItem = salt.isEmpty() ? NO_SALT : textItem("salt", salt);
  }

  private static byte[] textItem(String what, String text) {
    ByteSink sink = new ByteSink();
    Cbor.putText(sink, Utf8.encode(what, text));
    return sink.toByteArray();
  }

  @Override
  public byte[] root() {
    return root.clone();
  }

  @Override
  public void write(
      ByteSink sink,
      byte[] parent,
      boolean first,
      int[] tokens,
      int offset,
      int count,
      ExtraKeys extras) {
    Cbor.putArrayHead(sink, FIELDS);
    Cbor.putBytes(sink, parent);
    Cbor.putArrayHead(sink, count);
    for (int i = offset; i < offset + count; i++) {
      Cbor.putInt(sink, tokens[i]);
    }
    boolean salted = first && saltItem.length > 0;
    int items = extras.items() + (salted ? 1 : 0);
    if (items == 0) {
      Cbor.putNull(sink);
      return;
    }
    Cbor.putArrayHead(sink, items);
    sink.putBytes(extras.beforeSalt());
    if (salted) {
      sink.putBytes(saltItem);
    }
    sink.putBytes(extras.afterSalt());
  }
}
