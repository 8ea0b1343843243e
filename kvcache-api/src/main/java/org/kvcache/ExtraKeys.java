package org.kvcache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the keys and values of one block depend on beside tokens and prefix: vLLM's extra keys of a
 * block, without the cache salt, which is {@link KeySpace#salt} and is added by the chain.
 *
 * <p>Immutable and encoded when made, so keep and reuse one instance for all blocks it fits, for
 * instance one per LoRA adapter. Two instances are equal if they give the same keys.
 */
public final class ExtraKeys {

  /** No extra keys: text, no adapter. */
  public static final ExtraKeys NONE = new ExtraKeys(null, List.of(), null);

  private static final int PROMPT_EMBEDS_BYTES = 32;

  private final @Nullable String loraName;
  private final List<Multimodal> multimodal;
  private final byte @Nullable [] promptEmbedsHash;

  // CBOR items in vLLM's order, parted where the cache salt belongs.
  private final byte[] beforeSalt;
  private final byte[] afterSalt;

  private ExtraKeys(
      @Nullable String loraName, List<Multimodal> multimodal, byte @Nullable [] promptEmbedsHash) {
    this.loraName = loraName;
    this.multimodal = List.copyOf(multimodal);
    this.promptEmbedsHash = promptEmbedsHash;
    ByteSink sink = new ByteSink();
    if (loraName != null) {
      Cbor.putText(sink, Utf8.encode("LoRA name", loraName));
    }
    for (Multimodal item : multimodal) {
      Cbor.putArrayHead(sink, 2);
      Cbor.putText(sink, Utf8.encode("multimodal identifier", item.identifier));
      Cbor.putInt(sink, item.offset);
    }
    beforeSalt = sink.toByteArray();
    sink.clear();
    if (promptEmbedsHash != null) {
      Cbor.putBytes(sink, promptEmbedsHash);
    }
    afterSalt = sink.toByteArray();
  }

  /**
   * A multimodal item (image, audio, video) that overlaps a block.
   *
   * @param identifier content hash of the item, vLLM's {@code mm_feature.identifier}
   * @param offset position of the item's first token minus that of the block's first token, in
   *     tokens; negative if the item starts in an earlier block
   */
  public record Multimodal(String identifier, int offset) {

    /**
     * Creates an item.
     *
     * @throws IllegalArgumentException if the identifier is empty or has an unpaired surrogate
     */
    public Multimodal {
      if (identifier.isEmpty()) {
        throw new IllegalArgumentException("The multimodal identifier is empty");
      }
      Utf8.encode("multimodal identifier", identifier);
    }
  }

  /**
   * Returns the extra keys of text under a LoRA adapter.
   *
   * @throws IllegalArgumentException if the name is empty or has an unpaired surrogate
   */
  public static ExtraKeys ofLora(String name) {
    return NONE.withLora(name);
  }

  /**
   * Returns these extra keys with another LoRA adapter, which every block of a sequence must have.
   *
   * @throws IllegalArgumentException if the name is empty or has an unpaired surrogate
   */
  public ExtraKeys withLora(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("The LoRA name is empty");
    }
    return new ExtraKeys(name, multimodal, promptEmbedsHash);
  }

  /**
   * Returns these extra keys with one more multimodal item; add the items by ascending position.
   *
   * @param identifier content hash of the item
   * @param offset as in {@link Multimodal#offset}
   * @throws IllegalArgumentException if the identifier is empty or has an unpaired surrogate
   */
  public ExtraKeys withMultimodal(String identifier, int offset) {
    List<Multimodal> more = new ArrayList<>(multimodal);
    more.add(new Multimodal(identifier, offset));
    return new ExtraKeys(loraName, more, promptEmbedsHash);
  }

  /**
   * Returns these extra keys with the hash of the block's prompt embeddings.
   *
   * @param sha256 SHA-256 of the embeddings' bytes, 32 bytes; copied
   * @throws IllegalArgumentException if the length is not 32
   */
  public ExtraKeys withPromptEmbeds(byte[] sha256) {
    if (sha256.length != PROMPT_EMBEDS_BYTES) {
      throw new IllegalArgumentException(
          "The prompt-embeds hash is a SHA-256 of 32 bytes, this has " + sha256.length);
    }
    return new ExtraKeys(loraName, multimodal, sha256.clone());
  }

  /** Returns the LoRA adapter's name, or null for the base model. */
  public @Nullable String loraName() {
    return loraName;
  }

  /** Returns the multimodal items that overlap the block, unmodifiable. */
  public List<Multimodal> multimodal() {
    return multimodal;
  }

  /** Returns a copy of the hash of the prompt embeddings, 32 bytes, or null if there are none. */
  public byte @Nullable [] promptEmbedsHash() {
    return promptEmbedsHash == null ? null : promptEmbedsHash.clone();
  }

  /** Returns whether there are no extra keys. */
  public boolean isEmpty() {
    return items() == 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ExtraKeys that
        && Arrays.equals(beforeSalt, that.beforeSalt)
        && Arrays.equals(afterSalt, that.afterSalt);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(beforeSalt) + Arrays.hashCode(afterSalt);
  }

  @Override
  public String toString() {
    return "ExtraKeys[lora="
        + loraName
        + ", multimodal="
        + multimodal
        + (promptEmbedsHash == null ? "]" : ", prompt embeds]");
  }

  /** Returns the number of CBOR items in {@link #beforeSalt} and {@link #afterSalt} together. */
  int items() {
    return (loraName == null ? 0 : 1) + multimodal.size() + (promptEmbedsHash == null ? 0 : 1);
  }

  /** Returns LoRA name and multimodal items as CBOR; shared, not to be changed. */
  byte[] beforeSalt() {
    return beforeSalt;
  }

  /** Returns the prompt-embeds hash as CBOR; shared, not to be changed. */
  byte[] afterSalt() {
    return afterSalt;
  }
}
