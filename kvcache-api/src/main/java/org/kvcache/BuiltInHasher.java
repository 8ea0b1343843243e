package org.kvcache;

import java.util.List;

/** The hashers that come with the library: each pairs a message format with a digest. */
sealed interface BuiltInHasher extends BlockHasher {

  List<String> NAMES = List.of(Sha256.NAME, Xxh3.NAME, Sha256Cbor.NAME);

  static BlockHasher of(String name) {
    if (name.startsWith(Sha256Cbor.SEEDED)) {
      return new Sha256Cbor(name.substring(Sha256Cbor.SEEDED.length()));
    }
    return switch (name) {
      case Sha256.NAME -> new Sha256();
      case Xxh3.NAME -> new Xxh3();
      case Sha256Cbor.NAME -> new Sha256Cbor(VLLM_DEFAULT_SEED);
      default ->
          throw new IllegalArgumentException(
              "Unknown block hasher \""
                  + name
                  + "\"; known are "
                  + String.join(", ", NAMES)
                  + " and "
                  + Sha256Cbor.SEEDED
                  + "SEED");
    };
  }

  /** SHA-256 over {@link FramedMessage}. */
  record Sha256() implements BuiltInHasher {
    static final String NAME = "sha256";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public KeyChain chain(KeySpace space) {
      return new MessageKeyChain(new FramedMessage(space), new Sha256Digest());
    }
  }

  /** XXH3-128 over {@link FramedMessage}. */
  record Xxh3() implements BuiltInHasher {
    static final String NAME = "xxh3";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public KeyChain chain(KeySpace space) {
      return new MessageKeyChain(new FramedMessage(space), new Xxh3Digest());
    }
  }

  /** SHA-256 over {@link VllmMessage}. */
  record Sha256Cbor(String seed) implements BuiltInHasher {
    static final String NAME = "sha256_cbor";
    static final String SEEDED = NAME + ":";

    public Sha256Cbor {
      Utf8.encode("seed", seed);
    }

    @Override
    public String name() {
      return seed.equals(VLLM_DEFAULT_SEED) ? NAME : SEEDED + seed;
    }

    @Override
    public KeyChain chain(KeySpace space) {
      return new MessageKeyChain(new VllmMessage(seed, space.salt()), new Sha256Digest());
    }
  }
}
