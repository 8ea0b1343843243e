package org.kvcache.cache;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.kvcache.KvShape;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.PagedKv;

/**
 * What one call on a sequence needs beside the sequence: writers, readers and kernels, which belong
 * to one thread each, and scratch rows. Borrowed from {@link WorkerPool} for the call. While it
 * serves a sequence that sequence's blocks are not released.
 */
final class Worker implements PagedKv {

  private final CodecTable codecs;
  private final KvShape shape;
  private final int blockTokens;
  private final FrameMemory memory;
  private final AttentionBackend backend;
  private final @Nullable BlockWriter[] writers;
  private final @Nullable BlockReader[] readers;
  private final @Nullable AttentionKernel[] groupKernels;
  private final @Nullable AttentionKernel[] headKernels;
  private float[] rows = {};
  private float[] moreRows = {};

  /** The sequence it serves; written by the thread that borrowed it, read by those that close. */
  volatile @Nullable CachedSequence serving;

  // Where the kernel is to look.
  private @Nullable Blocks blocks;
  private long headOffset;
  private int layer;
  private int kvHead;

  Worker(
      CodecTable codecs,
      KvShape shape,
      int blockTokens,
      FrameMemory memory,
      AttentionBackend backend) {
    this.codecs = codecs;
    this.shape = shape;
    this.blockTokens = blockTokens;
    this.memory = memory;
    this.backend = backend;
    writers = new BlockWriter[codecs.size()];
    readers = new BlockReader[codecs.size()];
    groupKernels = new AttentionKernel[codecs.size()];
    headKernels = new AttentionKernel[codecs.size()];
  }

  /** Looks at one layer and KV head of a sequence's blocks. */
  void look(Blocks at, int atLayer, int atKvHead) {
    blocks = at;
    layer = atLayer;
    kvHead = atKvHead;
    headOffset = codecs.offset(atLayer, atKvHead);
  }

  /** Keeps nothing of a sequence alive, which may be dropped unclosed. */
  void lookAway() {
    blocks = null;
  }

  BlockWriter writer(int atLayer, int atKvHead) {
    int index = codecs.indexOf(atLayer, atKvHead);
    BlockWriter writer = writers[index];
    if (writer == null) {
      writer = codecs.codec(index).newWriter();
      writers[index] = writer;
    }
    return writer;
  }

  BlockReader reader(int atLayer, int atKvHead) {
    int index = codecs.indexOf(atLayer, atKvHead);
    BlockReader reader = readers[index];
    if (reader == null) {
      reader = codecs.codec(index).newReader(1);
      readers[index] = reader;
    }
    return reader;
  }

  /** The kernel of all query heads that share the KV head. */
  AttentionKernel groupKernel(int atLayer, int atKvHead) {
    return kernel(groupKernels, codecs.indexOf(atLayer, atKvHead), shape.groupSize());
  }

  /** The kernel of one query head. */
  AttentionKernel headKernel(int atLayer, int atKvHead) {
    @Nullable AttentionKernel[] of = shape.groupSize() == 1 ? groupKernels : headKernels;
    return kernel(of, codecs.indexOf(atLayer, atKvHead), 1);
  }

  private AttentionKernel kernel(@Nullable AttentionKernel[] of, int index, int heads) {
    AttentionKernel kernel = of[index];
    if (kernel == null) {
      kernel = backend.kernel(codecs.codec(index), blockTokens, heads);
      of[index] = kernel;
    }
    return kernel;
  }

  /** Scratch of at least {@code length} floats. */
  float[] rows(int length) {
    if (rows.length < length) {
      rows = new float[length];
    }
    return rows;
  }

  /** Another scratch. */
  float[] moreRows(int length) {
    if (moreRows.length < length) {
      moreRows = new float[length];
    }
    return moreRows;
  }

  /** Encodes one token's K and V of all heads of a layer into a frame. */
  void encode(int frame, int atLayer, int row, float[] k, int kOffset, float[] v, int vOffset) {
    int dim = shape.headDim();
    long base = memory.offset(frame);
    for (int head = 0; head < shape.kvHeads(); head++) {
      BlockWriter writer = writer(atLayer, head);
      long block = base + codecs.offset(atLayer, head);
      writer.keys(k, kOffset + head * dim, 1, memory.memory(), block, row);
      writer.values(v, vOffset + head * dim, 1, memory.memory(), block, row);
    }
  }

  /** Encodes a full block of staged rows, all layers and heads, into a frame. */
  void encode(int frame, StagedRows staged, MemorySegment rowsOfBlock) {
    int dim = shape.headDim();
    float[] scratch = rows(blockTokens * dim);
    for (int l = 0; l < shape.layers(); l++) {
      for (int head = 0; head < shape.kvHeads(); head++) {
        long block = memory.offset(frame) + codecs.offset(l, head);
        BlockWriter writer = writer(l, head);
        staged.gather(rowsOfBlock, staged.key(l, head, 0), 0, blockTokens, scratch);
        writer.keys(scratch, 0, blockTokens, memory.memory(), block, 0);
        staged.gather(rowsOfBlock, staged.value(l, head, 0), 0, blockTokens, scratch);
        writer.values(scratch, 0, blockTokens, memory.memory(), block, 0);
      }
    }
  }

  /** Decodes rows {@code [from, to)} of the block looked at, from index 0 on. */
  void decode(long block, boolean keys, int from, int to, float[] into) {
    BlockReader reader = reader(layer, kvHead);
    if (keys) {
      reader.keys(memory.memory(), block, from, to - from, into, 0);
    } else {
      reader.values(memory.memory(), block, from, to - from, into, 0);
    }
  }

  /** Byte offset of the head looked at in a frame. */
  long inFrame(int frame) {
    return memory.offset(frame) + headOffset;
  }

  /** Copies native floats to scratch. */
  static float[] copied(MemorySegment from, float[] into, int length) {
    MemorySegment.copy(from, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, into, 0, length);
    return into;
  }

  private Blocks blocks() {
    Blocks at = blocks;
    if (at == null) {
      throw new IllegalStateException("looks at nothing");
    }
    return at;
  }

  @Override
  public MemorySegment memory() {
    return memory.memory();
  }

  @Override
  public long block(int index) {
    return inFrame(blocks().frame(index));
  }

  @Override
  public int encoded() {
    return blocks().encodedTokens();
  }

  @Override
  public MemorySegment staged(int index) {
    return blocks().staged(index);
  }

  @Override
  public long stagedKey(int row) {
    return blocks().stagedKey(layer, kvHead, row);
  }

  @Override
  public long stagedValue(int row) {
    return blocks().stagedValue(layer, kvHead, row);
  }
}
