package org.kvcache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a sequence depends on beside its tokens, and how it is to be treated.
 *
 * @param salt separates tenants: only sequences of one salt share blocks; empty for none
 * @param loraName the adapter that K and V were computed with, or null
 * @param images multimodal items in the order of their positions
 * @param priority of its blocks after it was closed, see {@link RetentionPriority}
 * @param priorityFor for how long that holds; zero for no end
 * @param promotion what {@link KvCache#begin} does about blocks in farther tiers
 */
public record SequenceOptions(
    String salt,
    @Nullable String loraName,
    List<Image> images,
    int priority,
    Duration priorityFor,
    Promotion promotion) {

  /** No salt, no extras, the policy decides, promotions are waited for. */
  public static final SequenceOptions DEFAULT =
      new SequenceOptions(
          "", null, List.of(), RetentionPriority.DEFAULT, Duration.ZERO, Promotion.WAIT);

  /** What to do about blocks that a farther tier holds. */
  public enum Promotion {
    /** Fetch them and wait until they are in memory. */
    WAIT,
    /** Fetch them while the engine does something else; see {@link KvSequence#awaitPromotion}. */
    BACKGROUND,
    /** Leave them where they are. */
    NONE
  }

  /**
   * An image, or another item that stands for tokens whose ids do not tell it.
   *
   * @param identifier hash of its content
   * @param position its first token
   * @param tokens how many it takes
   */
  public record Image(String identifier, int position, int tokens) {

    /** Checks the place. */
    public Image {
      Objects.requireNonNull(identifier);
      if (position < 0 || tokens < 1) {
        throw new IllegalArgumentException(
            "image '%s' of %d tokens at position %d; it needs at least 1 token from 0 on"
                .formatted(identifier, tokens, position));
      }
    }
  }

  /** Checks the fields. */
  public SequenceOptions {
    Objects.requireNonNull(salt);
    images = List.copyOf(images);
    RetentionPriority.check(priority);
    Objects.requireNonNull(promotion);
    if (priorityFor.isNegative()) {
      throw new IllegalArgumentException("priority for " + priorityFor + "; it cannot be negative");
    }
  }

  /** The same for a tenant. */
  public SequenceOptions withSalt(String newSalt) {
    return new SequenceOptions(newSalt, loraName, images, priority, priorityFor, promotion);
  }

  /** The same with a LoRA adapter. */
  public SequenceOptions withLora(String name) {
    return new SequenceOptions(salt, name, images, priority, priorityFor, promotion);
  }

  /** The same with one more image. */
  public SequenceOptions withImage(String identifier, int position, int tokens) {
    var more = new ArrayList<>(images);
    more.add(new Image(identifier, position, tokens));
    return new SequenceOptions(salt, loraName, more, priority, priorityFor, promotion);
  }

  /** The same with a priority for its blocks once it is closed. */
  public SequenceOptions withPriority(int newPriority, Duration atMost) {
    return new SequenceOptions(salt, loraName, images, newPriority, atMost, promotion);
  }

  /** The same with another way to promote. */
  public SequenceOptions withPromotion(Promotion newPromotion) {
    return new SequenceOptions(salt, loraName, images, priority, priorityFor, newPromotion);
  }

  /** The extra keys of the block {@code [from, to)} of tokens. */
  public ExtraKeys extraKeys(int from, int to) {
    ExtraKeys keys = loraName == null ? ExtraKeys.NONE : ExtraKeys.ofLora(loraName);
    for (Image image : images) {
      if (image.position < to && image.position + image.tokens > from) {
        keys = keys.withMultimodal(image.identifier, image.position - from);
      }
    }
    return keys;
  }

  @Override
  public String toString() {
    return "SequenceOptions[%slora=%s, images=%d, priority=%d, promotion=%s]"
        .formatted(salt.isEmpty() ? "" : "salted, ", loraName, images.size(), priority, promotion);
  }
}
