package org.kvcache;

/**
 * The pass that chooses what the next block attends to while the present one is still refined:
 * {@link DenoisingBlock#tokens} rows of the present block's draft, then as many of the next block,
 * all masked. Its keys and values are never stored.
 *
 * <p>Belongs to one thread, which may be another than the block's. What it has chosen when the next
 * block begins is used there, layer by layer; the rest is chosen by that block itself.
 */
public interface LookAhead extends AutoCloseable {

  /** Rows of a pass: twice the block's tokens. */
  int rows();

  /**
   * Writes K and V of all rows in one layer.
   *
   * @return false, with nothing written, if the sequence or this pass is closed; end the pass then
   */
  boolean write(int layer, float[] k, int kOffset, float[] v, int vOffset);

  /**
   * Chooses for the next block by the queries of its rows, and gives the attention of all rows: the
   * draft's rows see what the present block sees, with the draft in its place; the masked rows see
   * what was chosen for them, the last committed blocks, the draft and themselves.
   *
   * @return false, with nothing in {@code out}, if the look-ahead was given up, by a cancel or
   *     since the next block has begun; end the pass then
   */
  boolean attend(int layer, float[] q, int qOffset, float[] out, int outOffset);

  /** Ends the pass; layers that were not attended are left to the next block. */
  @Override
  void close();
}
