package org.kvcache.offload.retrieval;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.kvcache.HeadCalibration;
import org.kvcache.Retrieval;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.PagedKv;
import org.kvcache.spi.SelectorContext;

/**
 * Keys of one KV head in blocks that lie in reverse order, and as they come back from the codec.
 */
final class Prefix implements PagedKv {

  static final int BLOCK = 16;

  final BlockCodec codec;
  final int dim;
  final int blocks;
  final float[] keys;
  private final MemorySegment memory;

  Prefix(String scheme, int dim, int blocks, long seed) {
    this(scheme, dim, gaussian(new Random(seed), blocks * BLOCK * dim));
  }

  Prefix(String scheme, int dim, float[] keys) {
    this.dim = dim;
    this.keys = keys.clone();
    blocks = keys.length / dim / BLOCK;
    codec = CodecCatalog.bind(scheme, dim, BLOCK, HeadCalibration.identity(dim));
    memory = Arena.ofAuto().allocate(blocks * codec.layout().bytes(), 64);
    memory.fill((byte) 0xFF);
    var writer = codec.newWriter();
    var reader = codec.newReader(1);
    for (int b = 0; b < blocks; b++) {
      writer.keys(keys, b * BLOCK * dim, BLOCK, memory, block(b), 0);
      reader.keys(memory, block(b), 0, BLOCK, this.keys, b * BLOCK * dim);
    }
  }

  int tokens() {
    return blocks * BLOCK;
  }

  SelectorContext context(int group, boolean byToken, Retrieval settings) {
    int pageTokens = byToken ? 1 : BLOCK;
    float scale = (float) (1 / Math.sqrt(dim));
    return new SelectorContext(codec, new Plain(), BLOCK, pageTokens, group, scale, settings);
  }

  /** What a selector that was told of all blocks chooses. */
  int[] choose(PageSelector selector, float[] q, int group, int count) {
    return choose(selector, q, group, count, blocks);
  }

  int[] choose(PageSelector selector, float[] q, int group, int count, int seen) {
    int[] chosen = new int[count];
    int stride = group * dim;
    int n = selector.select(this, seen * BLOCK, q, 0, stride, q.length / stride, count, chosen);
    return java.util.Arrays.copyOf(chosen, n);
  }

  static float[] gaussian(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public long block(int index) {
    return (blocks - 1 - index) * codec.layout().bytes();
  }

  @Override
  public int encoded() {
    return tokens();
  }

  @Override
  public MemorySegment staged(int index) {
    throw new AssertionError();
  }

  @Override
  public long stagedKey(int row) {
    throw new AssertionError();
  }

  @Override
  public long stagedValue(int row) {
    throw new AssertionError();
  }

  /** Scans by the codec. */
  private record Plain() implements AttentionBackend {
    @Override
    public String name() {
      return "plain";
    }

    @Override
    public String summary() {
      return "for tests";
    }

    @Override
    public int priority() {
      return 0;
    }

    @Override
    public @Nullable String unavailable() {
      return null;
    }

    @Override
    public AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads) {
      throw new AssertionError();
    }
  }
}
