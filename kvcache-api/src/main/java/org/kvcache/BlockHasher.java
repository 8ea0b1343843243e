package org.kvcache;

import java.util.List;

/**
 * A way to compute block keys. Stateless and thread-safe; the state of one sequence is its {@link
 * KeyChain}.
 *
 * <ul>
 *   <li>{@code sha256}, the default: collisions cannot be made, so a tenant cannot reach another's
 *       blocks by choosing tokens.
 *   <li>{@code xxh3}: fast and not cryptographic. Collisions can be made on purpose, so use it only
 *       where all prompts are trusted: simulation, benchmarks, one's own batch jobs.
 *   <li>{@code sha256_cbor}: bit for bit the block hashes of a vLLM server that runs with {@code
 *       --prefix-caching-hash-algo sha256_cbor}, to match its KV events. The namespace does not
 *       enter these keys, so one store of such keys serves one model, scheme and shape.
 * </ul>
 */
public interface BlockHasher {

  /**
   * The seed string of a vLLM server without {@code PYTHONHASHSEED} ({@code DEFAULT_NONE_HASH_SEED}
   * in {@code vllm/v1/core/kv_cache_utils.py}).
   */
  String VLLM_DEFAULT_SEED = "vllm-none-hash";

  /** Returns the name that {@link #of} knows this hasher by. */
  String name();

  /** Returns a new chain at the start of a sequence of a key space. */
  KeyChain chain(KeySpace space);

  /**
   * Returns a hasher by its name.
   *
   * @param name {@code sha256}, {@code xxh3}, {@code sha256_cbor}, or {@code sha256_cbor:SEED} with
   *     the {@code PYTHONHASHSEED} of the vLLM servers
   * @throws IllegalArgumentException if the name is unknown; the message lists the known ones
   */
  static BlockHasher of(String name) {
    return BuiltInHasher.of(name);
  }

  /** Returns the names of the hashers, without a seed, default first. */
  static List<String> names() {
    return BuiltInHasher.NAMES;
  }

  /** Returns the cryptographic hasher (SHA-256, FIPS 180-4), the default. */
  static BlockHasher sha256() {
    return new BuiltInHasher.Sha256();
  }

  /**
   * Returns the fast hasher for trusted prompts (XXH3-128, seed 0).
   *
   * <p>Its library reads through {@code sun.misc.Unsafe}: on first use JDK 24 and later print a
   * warning unless started with {@code --sun-misc-unsafe-memory-access=allow}.
   */
  static BlockHasher xxh3() {
    return new BuiltInHasher.Xxh3();
  }

  /**
   * Returns the hasher of vLLM's {@code sha256_cbor}.
   *
   * <p>Before vLLM's pull request 51875 (August 2026) a server without {@code PYTHONHASHSEED} drew
   * its seed at random. Such hashes cannot be reproduced: set the variable there and pass its value
   * here.
   *
   * @param seed {@code PYTHONHASHSEED} of the servers as a string, for instance {@code "0"}; {@link
   *     #VLLM_DEFAULT_SEED} if it is not set
   * @throws IllegalArgumentException if the seed has an unpaired surrogate
   */
  static BlockHasher sha256Cbor(String seed) {
    return new BuiltInHasher.Sha256Cbor(seed);
  }
}
