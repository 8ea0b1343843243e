package com.github.tjake.jlama.tensor;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.UUID;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;

/**
 * Jlama's view of a {@link KvSequence}: in Jlama's package, since the constructor of its buffer is
 * package-private. Belongs to one thread.
 *
 * <p>Jlama asks for the place of a token's K and V, then for all rows up to it, writes the token's
 * row and rotates it there, and reads the rows with its own kernels, layer by layer. So the rows of
 * one layer are brought to a page of floats when the layer comes, the token's row is written there,
 * and it is appended to the sequence when Jlama asks for the next one. It is read back at once, so
 * that later tokens see the codes, as they will when the prefix is found in the cache.
 *
 * <p>The page's tensor keeps its shape while it grows into its capacity: Jlama pools its scratch
 * tensors by shape, and one for each length would fill that pool.
 */
@NullMarked
@SuppressWarnings("rawtypes") // as Jlama's own signatures
public final class SequenceKvBuffer extends KvBufferCache.KvBuffer {

  /** Told what Jlama is done with. */
  public interface Completion {

    /** All layers of the tokens before {@code position} are written. */
    void upTo(int position);

    /** Jlama has closed the buffer, and may ask for it again. */
    default void closed() {}
  }

  private static final int SMALLEST_PAGE = 1 << 20; // of pages that are never made
  private static final int SMALLEST_CAPACITY = 64;
  private static final int CHUNK = 64;

  private final KvSequence sequence;
  private final Completion completion;
  private final int layers;
  private final int kvDim;
  private final Page keys;
  private final Page values;
  private int capacity;

  // What the page holds: rows [0, held) of a layer; the last of them not yet appended if pending.
  private int layer = -1;
  private int held;
  private boolean pending;
  private boolean lastLayerSeen;
  private int stored;

  /** A buffer over an open sequence of a cache of this shape. */
  public SequenceKvBuffer(
      KvBufferCache owner,
      UUID session,
      KvSequence sequence,
      KvShape shape,
      Completion completion) {
    owner.super(session, SMALLEST_PAGE, true);
    this.sequence = sequence;
    this.completion = completion;
    layers = shape.layers();
    kvDim = shape.kvDim();
    keys = new Page(sequence::readKeys);
    values = new Page(sequence::readValues);
    stored = sequence.length();
  }

  /** Tokens whose K and V are complete in all layers. */
  @Override
  public int getCurrentContextPosition() {
    flush();
    return stored;
  }

  @Override
  public void incrementContextPosition() {
    // It is the number of complete tokens, which this buffer sees for itself.
  }

  @Override
  public void setCurrentContextPosition(int position) {
    flush();
    completion.upTo(stored); // what is not committed cannot be kept
    lastLayerSeen = false;
    sequence.truncate(position);
    stored = position;
    layer = -1;
  }

  @Override
  public AbstractTensor getKeyTensorForPosition(int atLayer, int position) {
    look(atLayer, position);
    return keys.row(position);
  }

  @Override
  public AbstractTensor getValTensorForPosition(int atLayer, int position) {
    look(atLayer, position);
    return values.row(position);
  }

  @Override
  public AbstractTensor[] getKeyTensorsUptoPosition(int atLayer, int position) {
    look(atLayer, position);
    return new AbstractTensor[] {keys.tensor()};
  }

  @Override
  public AbstractTensor[] getValTensorsUptoPosition(int atLayer, int position) {
    look(atLayer, position);
    return new AbstractTensor[] {values.tensor()};
  }

  /** Appends the row that Jlama wrote last. */
  public void flush() {
    if (pending) {
      int position = held - 1;
      sequence.append(layer, position, keys.segment(position), values.segment(position));
      keys.gather(layer, position, position + 1);
      values.gather(layer, position, position + 1);
      pending = false;
      if (layer == layers - 1) {
        lastLayerSeen = true;
        stored = Math.max(stored, held);
      }
    }
  }

  private void look(int atLayer, int position) {
    if (atLayer == layer && position == held - 1) {
      return;
    }
    flush();
    if (lastLayerSeen && atLayer == 0) {
      lastLayerSeen = false;
      completion.upTo(stored);
    }
    makeRoom(position + 1);
    if (atLayer != layer || position != held) {
      keys.gather(atLayer, 0, position);
      values.gather(atLayer, 0, position);
    }
    layer = atLayer;
    held = position + 1;
    pending = true;
  }

  private void makeRoom(int count) {
    if (count > capacity) {
      int wanted = Math.max(Math.max(SMALLEST_CAPACITY, count), 2 * capacity);
      keys.grow(wanted);
      values.grow(wanted);
      capacity = wanted;
    }
  }

  @Override
  public void close() {
    flush();
    completion.closed();
  }

  /** {@link KvSequence#readKeys} or {@link KvSequence#readValues}. */
  private interface Rows {
    void read(int layer, int position, int tokens, float[] rows, int offset);
  }

  /** K, or V, of the tokens in one layer. */
  private final class Page {
    private final Rows rows;
    private final float[] chunk = new float[CHUNK * kvDim];
    private MemorySegment floats = MemorySegment.NULL;
    private @Nullable FloatBufferTensor tensor;

    Page(Rows rows) {
      this.rows = rows;
    }

    void grow(int tokens) {
      // Jlama's threads read it, and it dies with the buffer.
      MemorySegment larger = Arena.ofAuto().allocate(tokens * rowBytes(), 64);
      MemorySegment.copy(floats, 0, larger, 0, floats.byteSize());
      floats = larger;
      var buffer = floats.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
      tensor = new FloatBufferTensor(buffer, TensorShape.of(tokens, kvDim), false);
    }

    /** Brings the rows {@code [from, to)} of a layer from the sequence. */
    void gather(int layer, int from, int to) {
      for (int at = from; at < to; at += CHUNK) {
        int count = Math.min(CHUNK, to - at);
        rows.read(layer, at, count, chunk, 0);
        MemorySegment.copy(
            chunk, 0, floats, ValueLayout.JAVA_FLOAT, at * rowBytes(), count * kvDim);
      }
    }

    AbstractTensor tensor() {
      return requireNonNull(tensor);
    }

    AbstractTensor row(int position) {
      return tensor().slice(position);
    }

    MemorySegment segment(int position) {
      return floats.asSlice(position * rowBytes(), rowBytes());
    }

    private long rowBytes() {
      return (long) kvDim * Float.BYTES;
    }
  }
}
