package org.kvcache.offload.pipeline;

import java.lang.foreign.MemorySegment;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SparseKvContext;

/**
 * Copies pages out of blocks. A page is a whole block, byte by byte, or one token of it in the
 * layout of a block of one. Immutable.
 */
final class PageGather {

  private final BlockLayout block;
  private final BlockLayout page;
  private final int pageTokens;
  private final long[] rowBytes;

  /**
   * For the blocks of a cache, whose heads have one layout.
   *
   * @throws IllegalArgumentException if single tokens are wanted of a format that encodes several
   *     together
   */
  PageGather(SparseKvContext context) {
    BlockCodec codec = context.codecs().of(0, 0);
    block = codec.layout();
    pageTokens = context.settings().byToken() ? 1 : context.blockTokens();
    if (pageTokens == 1 && (codec.keys().rowGroup() > 1 || codec.values().rowGroup() > 1)) {
      throw new IllegalArgumentException(
          "scheme '%s' encodes several tokens together, so they cannot be chosen one by one; choose"
                  .formatted(codec.scheme().name())
              + " pages, or take another scheme");
    }
    page = pageTokens == context.blockTokens() ? block : codecOfPages(codec, pageTokens).layout();
    rowBytes =
        new long[] {
          codec.keys().codeBytes(codec.keys().rowGroup()),
          codec.keys().scaleBytes(codec.keys().rowGroup()),
          codec.values().codeBytes(codec.values().rowGroup()),
          codec.values().scaleBytes(codec.values().rowGroup())
        };
  }

  /** The same scheme and basis for blocks of other tokens. */
  static BlockCodec codecOfPages(BlockCodec codec, int tokens) {
    return CodecCatalog.bind(codec.scheme(), codec.layout().headDim(), tokens, codec.calibration());
  }

  /** Tokens of a page. */
  int pageTokens() {
    return pageTokens;
  }

  /** Bytes of a page. */
  long pageBytes() {
    return page.bytes();
  }

  /**
   * Copies one page.
   *
   * @param from offset in {@code memory} of the block that the page is in
   * @param index of the page within the block
   */
  void copy(MemorySegment memory, long from, int index, MemorySegment to, long at) {
    if (pageTokens > 1 || block.blockTokens() == 1) {
      MemorySegment.copy(memory, from, to, at, page.bytes());
      return;
    }
    row(memory, from + block.keyCodes(), index, rowBytes[0], to, at + page.keyCodes());
    row(memory, from + block.keyScales(), index, rowBytes[1], to, at + page.keyScales());
    row(memory, from + block.valueCodes(), index, rowBytes[2], to, at + page.valueCodes());
    row(memory, from + block.valueScales(), index, rowBytes[3], to, at + page.valueScales());
  }

  private static void row(
      MemorySegment memory, long plane, int index, long bytes, MemorySegment to, long at) {
    MemorySegment.copy(memory, plane + index * bytes, to, at, bytes);
  }
}
