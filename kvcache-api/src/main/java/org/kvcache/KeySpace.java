package org.kvcache;

/**
 * The space that block keys are unique in: sequences of different spaces never share a block, even
 * with the same tokens.
 *
 * <p>Immutable. {@link #toString} hides the salt, which may be a secret of its tenant.
 *
 * @param namespace what makes cached bytes usable: fingerprint of the model, scheme and shape; not
 *     empty
 * @param salt what separates tenants, vLLM's {@code cache_salt}; empty for none
 */
public record KeySpace(String namespace, String salt) {

  /**
   * Creates a key space.
   *
   * @throws IllegalArgumentException if the namespace is empty, or if one of the two has an
   *     unpaired surrogate and hence no UTF-8 form
   */
  public KeySpace {
    if (namespace.isEmpty()) {
      throw new IllegalArgumentException(
          "The namespace is empty; name the model, scheme and shape that blocks belong to");
    }
    Utf8.encode("namespace", namespace);
    Utf8.encode("salt", salt);
  }

  /** Returns the space of a namespace without a salt. */
  public static KeySpace of(String namespace) {
    return new KeySpace(namespace, "");
  }

  /** Returns the space of the same namespace under another salt; an empty salt is none. */
  public KeySpace withSalt(String newSalt) {
    return new KeySpace(namespace, newSalt);
  }

  @Override
  public String toString() {
    return "KeySpace[" + namespace + (salt.isEmpty() ? "]" : ", salted]");
  }
}
