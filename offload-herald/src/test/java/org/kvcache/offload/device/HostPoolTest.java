package org.kvcache.offload.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageDevice;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PageStream;

class HostPoolTest {

  private final SampleModel model = new SampleModel("mxfp4", 16);

  private int page(HostPool pool, int layer, int slot, int kvHead) {
    return pool.memory().get(ValueLayout.JAVA_BYTE, pool.offset(layer, slot, kvHead));
  }

  private void stage(PageStream stream, int... contents) {
    MemorySegment staging = stream.staging(contents.length);
    for (int i = 0; i < contents.length; i++) {
      staging.asSlice(i * model.pageBytes(), model.pageBytes()).fill((byte) contents[i]);
    }
  }

  @Test
  void theDeviceIsFoundByItsName() {
    PageDevice device = PageDevice.named("host");
    assertThat(device.unavailable()).isNull();
    assertThat(device.summary()).contains("emulated");
    try (PagePool pool = device.open(model.context(3 * model.slotBytes() + 1, "10GB/s"))) {
      assertThat(pool.slots()).isEqualTo(3);
      assertThat(pool.pageBytes()).isEqualTo(model.pageBytes());
    }
    assertThatThrownBy(() -> device.open(model.context(3 * model.slotBytes(), "slowly")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'slowly' is no link");
  }

  @Test
  void memoryForFewerThanTwoSlotsIsRefused() {
    long bytes = 2 * model.slotBytes() - 1;
    assertThatThrownBy(() -> new HostDevice().open(model.context(bytes, "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "device host: %d bytes of memory; a slot of 2 layers, 3 KV heads and pages of 16 tokens"
                    .formatted(bytes)
                + " takes %d bytes, and 2 slots are the least".formatted(model.slotBytes()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16})
  void stagedPagesArriveInTheirSlots(int pageTokens) {
    var of = new SampleModel("mxfp4", pageTokens);
    try (HostPool pool = of.pool(4);
        PageStream stream = pool.newStream()) {
      for (int round = 0; round < 5; round++) {
        MemorySegment staging = stream.staging(3);
        for (int i = 0; i < 3; i++) {
          staging.asSlice(i * of.pageBytes(), of.pageBytes()).fill((byte) (10 * round + i));
        }
        stream.upload(1, new int[] {2, 0, 2}, new int[] {3, 1, 0}, 3);
      }
      assertThat(stream.finish()).isTrue();
      assertThat(page(pool, 1, 3, 2)).isEqualTo(40);
      assertThat(page(pool, 1, 1, 0)).isEqualTo(41);
      assertThat(page(pool, 1, 0, 2)).isEqualTo(42);
      assertThat(page(pool, 0, 3, 2)).isZero();
      assertThat(page(pool, 1, 1, 1)).isZero();
    }
  }

  @Test
  void theNextUploadIsStagedElsewhereThanTheLast() {
    try (HostPool pool = model.pool(2);
        PageStream stream = pool.newStream()) {
      long last = 0;
      for (int round = 0; round < 4; round++) {
        stage(stream, round);
        long address = stream.staging(1).address();
        assertThat(address).isNotEqualTo(last);
        last = address;
        stream.upload(0, new int[] {0}, new int[] {0}, 1);
      }
      assertThat(stream.finish()).isTrue();
      assertThat(page(pool, 0, 0, 0)).isEqualTo(3);
    }
  }

  @Test
  void theArraysOfAnUploadAreTheCallersAgain() {
    var gate = new CountDownLatch(1);
    var context = model.context(4 * model.slotBytes(), "");
    try (var pool = new HostPool(context, new Link(1e9, 0), new SteppedClock(gate));
        PageStream before = pool.newStream();
        PageStream stream = pool.newStream()) {
      stage(before, 5);
      before.upload(0, new int[] {0}, new int[] {0}, 1);
      int[] heads = {1};
      int[] slots = {2};
      stage(stream, 6);
      stream.upload(0, heads, slots, 1);
      heads[0] = 0;
      slots[0] = 1;
      gate.countDown();
      assertThat(stream.finish()).isTrue();
      assertThat(page(pool, 0, 2, 1)).isEqualTo(6);
      assertThat(page(pool, 0, 1, 0)).isZero();
    }
  }

  @Test
  void placesThatAreNotThereAreRefusedBeforeAnythingMoves() {
    try (HostPool pool = model.pool(2);
        PageStream stream = pool.newStream()) {
      stage(stream, 1);
      assertThatThrownBy(() -> stream.upload(0, new int[] {0}, new int[] {2}, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> stream.upload(2, new int[] {0}, new int[] {1}, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(stream.finish()).isTrue();
      stream.upload(0, new int[] {0}, new int[] {1}, 1);
      assertThatThrownBy(() -> stream.upload(0, new int[] {0}, new int[] {1}, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("1 pages are uploaded, 0 were staged");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16})
  void theRowsOfTheBlockAtHandAreSeen(int pageTokens) {
    var of = new SampleModel("mxfp4", pageTokens);
    try (HostPool pool = of.pool(2);
        PageStream stream = pool.newStream()) {
      FreshKv ones = fresh(1);
      FreshKv twos = fresh(2);
      for (int round = 0; round < 2; round++) {
        assertThat(attend(stream, ones)).containsOnly(1);
        assertThat(attend(stream, twos)).containsOnly(2);
      }
    }
  }

  private static FreshKv fresh(float element) {
    var fresh = new FreshKv(SampleModel.SHAPE, 16, 2, 16);
    float[] rows = new float[fresh.rows() * SampleModel.SHAPE.kvDim()];
    Arrays.fill(rows, element);
    fresh.put(0, 0, fresh.rows(), rows, 0, rows, 0);
    return fresh;
  }

  private static float[] attend(PageStream stream, FreshKv fresh) {
    float[] q = new float[SampleModel.SHAPE.queryDim()];
    float[] out = new float[q.length];
    stream.attend(0, new int[3][0], new int[3], fresh, fresh.rows(), 1, q, 0, out, 0);
    return out;
  }

  @Test
  void attentionToNothingIsRefused() {
    try (HostPool pool = model.pool(2);
        PageStream stream = pool.newStream()) {
      var fresh = new FreshKv(SampleModel.SHAPE, 16, 0, 4);
      float[] q = new float[SampleModel.SHAPE.queryDim()];
      assertThatThrownBy(
              () -> stream.attend(1, new int[3][4], new int[3], fresh, 0, 1, q, 0, q.clone(), 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("KV head 0 of layer 1 sees no page and no fresh row; at least one is needed");
      assertThatThrownBy(
              () -> stream.attend(1, new int[3][4], new int[3], fresh, 5, 1, q, 0, q.clone(), 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void closingEndsTransfersUnderWayAndVoidsStreams() {
    var context = model.context(2 * model.slotBytes(), "1B/s");
    PagePool pool = new HostDevice().open(context);
    PageStream first = pool.newStream();
    PageStream second = pool.newStream();
    for (PageStream stream : new PageStream[] {first, second}) {
      stage(stream, 1);
      stream.upload(0, new int[] {0}, new int[] {0}, 1);
    }
    pool.close();
    assertThat(second.finish()).isFalse();
    second.close();
    first.close();
    pool.close();
    var fresh = new FreshKv(SampleModel.SHAPE, 16, 0, 4);
    float[] q = new float[SampleModel.SHAPE.queryDim()];
    assertThatThrownBy(
            () -> first.attend(0, new int[3][1], new int[3], fresh, 4, 1, q, 0, q.clone(), 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a stream of device host is used after its end");
    stage(first, 1);
    first.upload(0, new int[] {0}, new int[] {0}, 1);
    assertThat(first.finish()).isFalse();
    assertThatThrownBy(pool::newStream).isInstanceOf(IllegalStateException.class);
  }
}
