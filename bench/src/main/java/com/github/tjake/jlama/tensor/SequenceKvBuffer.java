package com.github.tjake.jlama.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.UUID;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;

/**
 * Jlama's view of a {@link KvSequence}: in Jlama's package, since the constructor of its buffer is
 * package-private. Belongs to one thread.
 *
 * <p>Jlama asks for the place of a token's K and V, then for all rows up to it, writes the token's
 * row and rotates it there, and reads the rows with its own kernels, layer by layer. So the rows of
 * one layer are brought to a page of floats when the layer comes, the token's row is written there,
 * and it is appended to the sequence when Jlama asks for the next one.
 */
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

  private final KvSequence sequence;
  private final Completion completion;
  private final int layers;
  private final int kvDim;
  private MemorySegment keys = MemorySegment.NULL;
  private MemorySegment values = MemorySegment.NULL;
  private AbstractTensor[] keyPages = {};
  private AbstractTensor[] valuePages = {};
  private int capacity;
  private float[] rows = {};
  private final float[] row;
  private final float[] otherRow;

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
    row = new float[kvDim];
    otherRow = new float[kvDim];
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
    return row(keys, position);
  }

  @Override
  public AbstractTensor getValTensorForPosition(int atLayer, int position) {
    look(atLayer, position);
    return row(values, position);
  }

  @Override
  public AbstractTensor[] getKeyTensorsUptoPosition(int atLayer, int position) {
    look(atLayer, position);
    return keyPages;
  }

  @Override
  public AbstractTensor[] getValTensorsUptoPosition(int atLayer, int position) {
    look(atLayer, position);
    return valuePages;
  }

  /** Appends the row that Jlama wrote last. */
  public void flush() {
    if (pending) {
      int position = held - 1;
      read(keys, position, row);
      read(values, position, otherRow);
      sequence.append(layer, position, row, 0, otherRow, 0);
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
      gather(atLayer, position);
    }
    layer = atLayer;
    held = position + 1;
    pending = true;
  }

  private void gather(int atLayer, int count) {
    if (rows.length < count * kvDim) {
      rows = new float[capacity * kvDim];
    }
    sequence.readKeys(atLayer, 0, count, rows, 0);
    MemorySegment.copy(rows, 0, keys, ValueLayout.JAVA_FLOAT, 0, count * kvDim);
    sequence.readValues(atLayer, 0, count, rows, 0);
    MemorySegment.copy(rows, 0, values, ValueLayout.JAVA_FLOAT, 0, count * kvDim);
  }

  private void makeRoom(int count) {
    if (count > capacity) {
      int wanted = Math.max(Math.max(64, count), 2 * capacity);
      keys = grown(keys, wanted);
      values = grown(values, wanted);
      capacity = wanted;
      // Of the whole capacity: Jlama keeps scores in tensors as long as the page, and pools those
      // by
      // shape. A page a row longer for each token would fill its pool with shapes used once.
      keyPages = new AbstractTensor[] {tensor(keys, capacity)};
      valuePages = new AbstractTensor[] {tensor(values, capacity)};
    }
  }

  private MemorySegment grown(MemorySegment page, int wanted) {
    MemorySegment larger = Arena.ofAuto().allocate((long) wanted * kvDim * Float.BYTES, 64);
    MemorySegment.copy(page, 0, larger, 0, page.byteSize());
    return larger;
  }

  private void read(MemorySegment page, int position, float[] into) {
    long at = (long) position * kvDim * Float.BYTES;
    MemorySegment.copy(page, ValueLayout.JAVA_FLOAT, at, into, 0, kvDim);
  }

  private AbstractTensor row(MemorySegment page, int position) {
    long bytes = (long) kvDim * Float.BYTES;
    return tensor(page.asSlice(position * bytes, bytes), 1);
  }

  private AbstractTensor tensor(MemorySegment floats, int count) {
    var buffer = floats.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
    return new FloatBufferTensor(buffer, TensorShape.of(count, kvDim), false);
  }

  @Override
  public void close() {
    flush();
    completion.closed();
  }
}
