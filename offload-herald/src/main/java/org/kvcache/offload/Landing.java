package org.kvcache.offload;

import io.lettuce.core.output.CommandOutput;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKey;

/**
 * The reply to GET: the record is checked where the client received it, and its payload goes from
 * there to where it belongs.
 *
 * <p>The client's thread writes. Whoever asked calls {@link #close} before the memory may serve
 * another purpose: a reply that comes late is then dropped.
 */
final class Landing extends CommandOutput<byte[], MemorySegment, Landing.Outcome> {

  /** What came. */
  enum Outcome {
    ABSENT,
    LOADED,
    CORRUPT
  }

  private static final byte[] WRONG_TYPE = "WRONGTYPE".getBytes(StandardCharsets.US_ASCII);

  private final BlockKey space;
  private final long hi;
  private final long lo;
  private @Nullable MemorySegment target;

  /** A reply that fills {@code target} with a block of that size. */
  Landing(BlockKey space, long hi, long lo, MemorySegment target) {
    super(RecordCodec.RECORDS, Outcome.ABSENT);
    this.space = space;
    this.hi = hi;
    this.lo = lo;
    this.target = target;
  }

  @Override
  public synchronized void set(@Nullable ByteBuffer bytes) {
    MemorySegment payload = target;
    if (bytes == null || payload == null) {
      return;
    }
    MemorySegment record = MemorySegment.ofBuffer(bytes);
    long length = payload.byteSize();
    // A longer value may begin with a right record; no tier wrote it so.
    boolean right =
        record.byteSize() == BlockRecord.bytes(length)
            && BlockRecord.matches(record, space, hi, lo, length);
    if (right) {
      payload.copyFrom(BlockRecord.payload(record, length));
    }
    output = right ? Outcome.LOADED : Outcome.CORRUPT;
  }

  /** A key that holds a list or a hash is as good as a broken record; other errors are errors. */
  @Override
  public void setError(ByteBuffer message) {
    if (message.remaining() >= WRONG_TYPE.length
        && ByteBuffer.wrap(WRONG_TYPE)
            .equals(message.slice(message.position(), WRONG_TYPE.length))) {
      output = Outcome.CORRUPT;
    } else {
      super.setError(message);
    }
  }

  /** From now on nothing is written. */
  synchronized void close() {
    target = null;
  }
}
