package org.kvcache.kernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.KvShape;
import org.kvcache.kernels.cuda.CudaDevice;
import org.kvcache.kernels.emu.EmulatedDevice;
import org.kvcache.kernels.emu.EmulatedTarget;
import org.kvcache.kernels.hip.HipDevice;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PageDevice;
import org.kvcache.spi.PagePool;
import org.kvcache.spi.PageStream;

class DevicePagesTest {

  private static final KvShape SHAPE = KvShape.of(2, 3, 64, 6);

  private static PagedModel model(String scheme, int pageTokens) {
    return new PagedModel(scheme, SHAPE, pageTokens, 4, 1);
  }

  private static PagePool idle(String scheme, int pageTokens, int slots) {
    PagedModel model = model(scheme, pageTokens);
    return DevicePages.open(
        new Device(new IdleDriver("idle:0")), model.context(slots * model.slotBytes()));
  }

  @ParameterizedTest
  @EnumSource(EmulatedTarget.class)
  void stagedPagesArriveInTheirSlots(EmulatedTarget target) {
    assumeTrue(EmulatedDevice.unavailable() == null, EmulatedDevice.unavailable());
    PagedModel model = model("mxfp4", 16);
    Device device = EmulatedDevice.open(target);
    try (DevicePages pool = DevicePages.open(device, model.context(4 * model.slotBytes()));
        PageStream stream = pool.newStream()) {
      for (int round = 0; round < 7; round++) {
        MemorySegment staging = stream.staging(1 + round);
        for (int i = 0; i <= round; i++) {
          staging.asSlice(i * pool.pageBytes(), pool.pageBytes()).fill((byte) (10 * round + i));
        }
        int[] heads = {2, 0, 1, 2, 2, 1, 0};
        int[] slots = {3, 1, 2, 1, 0, 1, 0};
        stream.upload(1, heads, slots, 1 + round);
      }
      assertThat(stream.finish()).isTrue();
      assertThat(page(device, pool, 1, 3, 2)).containsOnly(60);
      assertThat(page(device, pool, 1, 1, 0)).containsOnly(61);
      assertThat(page(device, pool, 1, 2, 1)).containsOnly(62);
      assertThat(page(device, pool, 1, 0, 0)).containsOnly(66);
    }
  }

  private static byte[] page(Device device, DevicePages pool, int layer, int slot, int head) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(pool.pageBytes(), 16);
      DeviceStream stream = device.defaultStream();
      device.copy(pool.kv().memory(), pool.kv().offset(layer, slot, head), page, stream);
      stream.synchronize();
      return page.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Test
  void theNextUploadIsStagedElsewhereThanTheLast() {
    assumeTrue(EmulatedDevice.unavailable() == null, EmulatedDevice.unavailable());
    PagedModel model = model("mxfp4", 16);
    Device device = EmulatedDevice.open(EmulatedTarget.CUDA);
    try (PagePool pool = DevicePages.open(device, model.context(2 * model.slotBytes()));
        PageStream stream = pool.newStream()) {
      MemorySegment first = stream.staging(1);
      stream.upload(0, new int[1], new int[1], 1);
      assertThat(stream.staging(1).address()).isNotEqualTo(first.address());
    }
  }

  @Test
  void singleTokensAreNoPagesOfADevice() {
    assertThatThrownBy(() -> idle("mxfp4", 1, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "device idle:0: pages of 1 tokens; its kernels take 16 at least, so choose pages and"
                + " not single tokens, or take device host");
    assertThatThrownBy(() -> idle("mxfp4", 24, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("blocks of 24 tokens; kernels on devices take powers of two from 16 on");
  }

  @Test
  void aSchemeWithoutKernelsIsNamed() {
    assertThatThrownBy(() -> idle("f32", 16, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("scheme 'f32' has no kernels on devices; take bf16, fp8,");
  }

  @Test
  void memoryForFewerThanTwoSlotsIsRefused() {
    long bytes = model("mxfp4", 16).slotBytes();
    assertThatThrownBy(() -> idle("mxfp4", 16, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "device idle:0: %d bytes of memory; a slot of 2 layers, 3 KV heads and pages of 16"
                    .formatted(bytes)
                + " tokens takes %d bytes, and 2 slots are the least".formatted(bytes));
  }

  @Test
  void theNumberOfAGpuIsRead() {
    assertThat(DevicePages.ordinal("cuda", "", 3)).isEqualTo(3);
    assertThat(DevicePages.ordinal("cuda", "1", 3)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "one", "1.0", "9999999999"})
  void whatIsNoNumberOfAGpuIsRefused(String options) {
    assertThatThrownBy(() -> DevicePages.ordinal("hip", options, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "device hip: '%s' is no number of a GPU; give one from 0 on, as in hip:1, or none"
                .formatted(options));
  }

  @Test
  void whatIsWrongIsRefusedBeforeTheDriverSeesIt() {
    try (PagePool pool = idle("mxfp4", 16, 3);
        PageStream stream = pool.newStream()) {
      assertThat(pool.slots()).isEqualTo(3);
      assertThatThrownBy(() -> stream.upload(0, new int[1], new int[1], 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("1 pages are uploaded, 0 were staged");
      var fresh = new FreshKv(SHAPE, 16, 0, 2);
      float[] q = new float[SHAPE.queryDim()];
      int[][] slots = {{0, 3}, {1}, {2}};
      int[] counts = {2, 1, 1};
      assertThatThrownBy(() -> stream.attend(0, slots, counts, fresh, 2, 1, q, 0, q, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      counts[0] = 1;
      counts[2] = 0;
      assertThatThrownBy(() -> stream.attend(1, slots, counts, fresh, 0, 1, q, 0, q, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("KV head 2 of layer 1 sees no page and no fresh row; at least one is needed");
    }
  }

  @Test
  void aTransferThatTheDeviceRefusesIsReportedOnce() {
    PagedModel model = model("mxfp4", 16);
    var driver = new RefusingDriver();
    try (PagePool pool =
            DevicePages.open(new Device(driver), model.context(2 * model.slotBytes()));
        PageStream stream = pool.newStream()) {
      stream.staging(1);
      driver.refuses = true;
      stream.upload(0, new int[1], new int[1], 1);
      assertThat(stream.finish()).isFalse();
      assertThat(stream.finish()).isTrue();
    }
  }

  private static final class RefusingDriver extends IdleDriver {
    boolean refuses;

    RefusingDriver() {
      super("idle:1");
    }

    @Override
    public void copyToDevice(long target, MemorySegment source, long bytes, long stream) {
      if (refuses) {
        throw new DeviceException("the bus is out of order");
      }
    }
  }

  @Test
  void closingThePoolEndsItsStreamsAndTheDevice() {
    PagePool pool = idle("mxfp4", 16, 2);
    PageStream stream = pool.newStream();
    pool.close();
    pool.close();
    stream.close();
    assertThatThrownBy(() -> stream.staging(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a stream of pages of device idle:0 is used after its end");
    assertThatThrownBy(pool::newStream)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the pages of device idle:0 are used after they were closed");
  }

  @Test
  void aPoolThatDoesNotOpenClosesTheDevice() {
    var device = new Device(new IdleDriver("idle:2"));
    PagedModel model = model("f32", 16);
    assertThatThrownBy(() -> DevicePages.open(device, model.context(4 * model.slotBytes())))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> device.allocate(1)).hasMessage("idle:2 is used after it was closed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "hip"})
  void gpusAreFoundByNameOrSayWhatIsMissing(String name) {
    PageDevice device =
        PageDevice.all().stream().filter(of -> of.name().equals(name)).findFirst().orElseThrow();
    String missing = name.equals("cuda") ? CudaDevice.unavailable() : HipDevice.unavailable();
    assertThat(device.unavailable()).isEqualTo(missing);
    assertThat(device.summary()).startsWith(name.equals("cuda") ? "CUDA: " : "ROCm: ");
  }
}
