package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.kvcache.AttentionWindow;
import org.kvcache.KvShape;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageStream;

/**
 * Transfers and attention on one stream of a device. Two uploads in turn, so that one may be staged
 * while the other is under way. What an attention sends, in this order, each part on a multiple of
 * 16 bytes: queries, fresh keys, fresh values, slots of all heads, lengths; the outputs lie behind.
 * Thread-safe, so that the pool may be closed at any time: memory of a device must not be given
 * back while it works.
 */
final class DevicePageStream implements PageStream {

  private static final System.Logger LOG = System.getLogger(DevicePageStream.class.getName());
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private final DevicePages pool;
  private final DeviceKv kv;
  private final KvShape shape;
  private final float logitScale;
  private final HostBlocksWorkspace workspace;
  private final AttendLauncher launcher;
  private final PageUpload[] uploads;
  private int turn;
  private boolean staged;
  private boolean failed;
  private boolean warned;
  private boolean closed;

  DevicePageStream(DevicePages pool, DeviceKv kv, float logitScale) {
    this.pool = pool;
    this.kv = kv;
    this.logitScale = logitScale;
    shape = kv.shape();
    Device device = kv.device();
    workspace = new HostBlocksWorkspace(device);
    launcher = new AttendLauncher(device, kv.scheme(), shape.kvHeads(), shape.groupSize());
    PageRange slots = kv.headPages();
    uploads =
        new PageUpload[] {
          new PageUpload(device, workspace.stream(), slots),
          new PageUpload(device, workspace.stream(), slots)
        };
  }

  @Override
  public synchronized MemorySegment staging(int pages) {
    checkOpen();
    PageUpload upload = uploads[turn];
    settle(upload);
    staged = true;
    return upload.staging(Math.max(1, pages));
  }

  @Override
  public synchronized void upload(int layer, int[] kvHeads, int[] slots, int count) {
    checkOpen();
    if (count == 0) {
      return;
    }
    PageUpload upload = uploads[turn];
    if (!staged || count < 0 || count > upload.capacity()) {
      throw new IllegalStateException(
          "%d pages are uploaded, %d were staged".formatted(count, staged ? upload.capacity() : 0));
    }
    Objects.checkIndex(layer, shape.layers());
    for (int i = 0; i < count; i++) {
      Objects.checkIndex(slots[i], kv.slots());
      Objects.checkIndex(kvHeads[i], shape.kvHeads());
      upload.target(i, (layer * kv.slots() + slots[i]) * shape.kvHeads() + kvHeads[i]);
    }
    staged = false;
    turn = (turn + 1) % uploads.length;
    try {
      upload.begin(count);
    } catch (DeviceException e) {
      fail(e);
    }
  }

  @Override
  public synchronized boolean finish() {
    for (PageUpload upload : uploads) {
      settle(upload);
    }
    boolean arrived = !failed;
    failed = false;
    return arrived;
  }

  private void settle(PageUpload upload) {
    try {
      upload.await();
    } catch (DeviceException e) {
      fail(e);
    }
  }

  private void fail(DeviceException e) {
    failed = true;
    var level = warned ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
    warned = true;
    LOG.log(level, "pages did not reach " + kv.device().name(), e);
  }

  @Override
  public synchronized void attend(
      int layer,
      int[][] slots,
      int[] counts,
      FreshKv fresh,
      int freshRows,
      int queryTokens,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset) {
    checkOpen();
    int elements = queryTokens * shape.queryDim();
    Objects.checkFromIndexSize(qOffset, elements, q.length);
    Objects.checkFromIndexSize(outOffset, elements, out.length);
    Objects.checkFromIndexSize(0, freshRows, fresh.rows());
    int most = mostPages(layer, slots, counts, freshRows);

    int kvHeads = shape.kvHeads();
    long queryBytes = (long) elements * Float.BYTES;
    long freshBytes = freshRows * fresh.rowBytes();
    long values = queryBytes + freshBytes;
    long table = values + freshBytes;
    long lengths = aligned(table + (long) kvHeads * most * Integer.BYTES);
    long result = aligned(lengths + (long) kvHeads * Integer.BYTES);
    workspace.reserve(result + queryBytes);

    MemorySegment host = workspace.host();
    MemorySegment.copy(q, qOffset, host, FLOAT, 0, elements);
    MemorySegment rows = fresh.memory();
    MemorySegment.copy(rows, fresh.key(layer, 0, 0), host, queryBytes, freshBytes);
    MemorySegment.copy(rows, fresh.value(layer, 0, 0), host, values, freshBytes);
    writeTable(host, table, lengths, most, slots, counts);
    workspace.send(result);

    MemorySegment arguments = launcher.arguments();
    kv.writeTo(arguments, layer);
    launcher.basis(kv.basis(), layer);
    launcher.queries(workspace.address(0), Element.F32, workspace.address(result), 0);
    launcher.fresh(
        workspace.address(queryBytes),
        workspace.address(values),
        Element.F32,
        freshRows,
        freshRows,
        Mask.ALL_FRESH);
    Abi.set(arguments, Abi.Attend.TABLE, workspace.address(table));
    Abi.set(arguments, Abi.Attend.LENGTHS, workspace.address(lengths));
    Abi.set(arguments, Abi.Attend.TABLE_STRIDE, (long) kvHeads * most);
    Abi.set(arguments, Abi.Attend.TABLE_HEAD_STRIDE, most);
    Abi.set(arguments, Abi.Attend.LENGTH_STRIDE, kvHeads);
    Abi.set(arguments, Abi.Attend.LENGTH_HEAD_STRIDE, 1);
    launcher.launch(
        1,
        queryTokens,
        (long) most * kv.layout().blockTokens() + freshRows,
        AttentionWindow.ALL,
        logitScale,
        workspace.splits(),
        workspace.stream());
    workspace.receive(result, queryBytes);
    MemorySegment.copy(host, FLOAT, result, out, outOffset, elements);
  }

  /** Pages of the head that has most, after a check of all heads. */
  private int mostPages(int layer, int[][] slots, int[] counts, int freshRows) {
    int most = 1;
    for (int head = 0; head < shape.kvHeads(); head++) {
      Objects.checkFromIndexSize(0, counts[head], slots[head].length);
      if (counts[head] == 0 && freshRows == 0) {
        throw new IllegalArgumentException(
            "KV head %d of layer %d sees no page and no fresh row; at least one is needed"
                .formatted(head, layer));
      }
      most = Math.max(most, counts[head]);
    }
    return most;
  }

  /** Rows of {@code most} slots; what is behind a head's pages names a slot that there is. */
  private void writeTable(
      MemorySegment host, long table, long lengths, int most, int[][] slots, int[] counts) {
    long at = table;
    for (int head = 0; head < shape.kvHeads(); head++) {
      for (int i = 0; i < most; i++) {
        int slot = i < counts[head] ? Objects.checkIndex(slots[head][i], kv.slots()) : 0;
        host.set(INT, at, slot);
        at += Integer.BYTES;
      }
      int length = Math.multiplyExact(counts[head], kv.layout().blockTokens());
      host.set(INT, lengths + (long) head * Integer.BYTES, length);
    }
  }

  private static long aligned(long bytes) {
    return (bytes + 15) & -16L;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(
          "a stream of pages of device " + kv.device().name() + " is used after its end");
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      for (PageUpload upload : uploads) {
        settle(upload);
        upload.close();
      }
      workspace.close();
    }
    pool.forget(this);
  }
}
