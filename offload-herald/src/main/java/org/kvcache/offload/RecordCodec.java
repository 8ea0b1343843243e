package org.kvcache.offload;

import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.ToByteBufEncoder;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Keys as bytes, values as memory that goes to the socket without a copy on the heap. */
enum RecordCodec
    implements RedisCodec<byte[], MemorySegment>, ToByteBufEncoder<byte[], MemorySegment> {
  RECORDS;

  @Override
  public ByteBuffer encodeKey(byte[] key) {
    return ByteBuffer.wrap(key);
  }

  @Override
  public void encodeKey(byte[] key, ByteBuf target) {
    target.writeBytes(key);
  }

  @Override
  public ByteBuffer encodeValue(MemorySegment value) {
    return value.asByteBuffer();
  }

  @Override
  public void encodeValue(MemorySegment value, ByteBuf target) {
    target.writeBytes(value.asByteBuffer());
  }

  @Override
  public int estimateSize(Object keyOrValue) {
    return keyOrValue instanceof MemorySegment value
        ? Math.toIntExact(value.byteSize())
        : ((byte[]) keyOrValue).length;
  }

  @Override
  public boolean isEstimateExact() {
    return true;
  }

  @Override
  public byte[] decodeKey(ByteBuffer bytes) {
    byte[] key = new byte[bytes.remaining()];
    bytes.get(key);
    return key;
  }

  @Override
  public MemorySegment decodeValue(ByteBuffer bytes) {
    return MemorySegment.ofArray(decodeKey(bytes));
  }
}
