package org.kvcache;

/**
 * The message of our own hashers: fields of fixed length, or with their length in front, so that
 * two different inputs never give the same bytes.
 *
 * <pre>
 * root:  00 | "kvcache-key-1" | u32 length, namespace in UTF-8 | u32 length, salt in UTF-8
 * block: 01 | parent digest | u32 n, n token ids as i32 | u32 length, extra keys as CBOR items
 * </pre>
 *
 * <p>All integers are little-endian. Namespace and salt enter once, through the digest of the root,
 * and so every key of the chain. The extra keys are those of {@link ExtraKeys}, a CBOR sequence
 * (RFC 8742), which can be read in one way only.
 */
final class FramedMessage implements BlockMessage {

  private static final int ROOT = 0;
  private static final int BLOCK = 1;

  private final byte[] root;

  FramedMessage(KeySpace space) {
    ByteSink sink = new ByteSink();
    sink.putByte(ROOT);
    sink.putBytes(Utf8.encode("format", "kvcache-key-1"));
    putFramed(sink, Utf8.encode("namespace", space.namespace()));
    putFramed(sink, Utf8.encode("salt", space.salt()));
    root = sink.toByteArray();
  }

  private static void putFramed(ByteSink sink, byte[] field) {
    sink.putIntLittleEndian(field.length);
    sink.putBytes(field);
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
    sink.putByte(BLOCK);
    sink.putBytes(parent);
    sink.putIntLittleEndian(count);
    sink.putIntsLittleEndian(tokens, offset, count);
    byte[] head = extras.beforeSalt();
    byte[] tail = extras.afterSalt();
    sink.putIntLittleEndian(head.length + tail.length);
    sink.putBytes(head);
    sink.putBytes(tail);
  }
}
