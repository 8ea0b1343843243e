package org.kvcache.kernels.device;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.AttentionWindow;
import org.kvcache.Calibration;
import org.kvcache.KvShape;

/** What is asked for wrongly never gets to the driver, which fails at any call that does work. */
class DeviceBadUseTest {

  private static final int DIM = 64;
  private static final int TOKENS = 8;

  private final Device device = new Device(new IdleDriver("idle:0"));
  private final Device other = new Device(new IdleDriver("idle:1"));
  private final DeviceKv kv = kv(DIM, 2, 16);
  private final DeviceStream stream = device.defaultStream();

  @AfterEach
  void close() {
    kv.close();
    device.close();
    other.close();
  }

  private DeviceKv kv(int dim, int group, int blockTokens) {
    return DeviceKv.allocate(
        device,
        KvShape.of(1, 1, dim, group),
        "bf16",
        Calibration.identity(1, 1, dim),
        blockTokens,
        4);
  }

  private static DeviceArray array(Device on, Element element, long length) {
    return DeviceArray.of(on.allocate(length * element.bytes()), element);
  }

  private DeviceArray rows() {
    return array(device, Element.F32, TOKENS * DIM);
  }

  private void store(DeviceArray keys, DeviceArray places) {
    new DeviceStore(kv).store(0, keys, rows(), places, TOKENS, stream);
  }

  private void attend(DeviceArray q, DeviceArray out, PageTable table) {
    try (var attention = new DeviceAttention(kv)) {
      var queries = new QueryRows(q, 1);
      attention.attend(0, queries, table, null, AttentionWindow.ALL, 1, out, null, stream);
    }
  }

  private PageTable table(int sequences, int mostTokens) {
    return PageTable.of(
        array(device, Element.I32, 4),
        array(device, Element.I32, sequences),
        sequences,
        mostTokens,
        2);
  }

  private DeviceArray places() {
    return array(device, Element.I64, TOKENS);
  }

  @Test
  void memoryThatWasGivenBackIsNamed() {
    DeviceArray keys = rows();
    keys.memory().close();
    assertThatThrownBy(() -> store(keys, places()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(
            "keys: 2048 bytes of memory on idle:0 are used after they were given");
    PinnedMemory pinned = device.allocatePinned(64);
    pinned.close();
    assertThatThrownBy(pinned::segment)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("64 bytes of pinned memory of idle:0 are used after");
  }

  @Test
  void blocksThatWereGivenBackAreNotRead() {
    var store = new DeviceStore(kv);
    kv.close();
    assertThatThrownBy(() -> store.store(0, rows(), rows(), places(), TOKENS, stream))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("are used after they were given back");
  }

  @Test
  void memoryOfAnotherDeviceIsNamed() {
    assertThatThrownBy(() -> store(array(other, Element.F32, TOKENS * DIM), places()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keys: memory of idle:1 is used on idle:0; copy it there first");
    assertThatThrownBy(() ->
            new DeviceStore(kv).store(0, rows(), rows(), places(), TOKENS, other.defaultStream()))
        .hasMessageContaining("a stream of idle:1 is used on idle:0");
  }

  @Test
  void arraysThatAreTooShortAreNamedWithWhatIsNeeded() {
    assertThatThrownBy(() -> store(array(device, Element.F32, TOKENS * DIM - 1), places()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("keys: 511 elements of F32; this shape needs 512");
    assertThatThrownBy(() -> store(rows(), array(device, Element.I64, TOKENS - 1)))
        .hasMessage("places: 7 elements of I64; this shape needs 8");
    DeviceArray q = array(device, Element.F32, 2 * 2 * DIM);
    DeviceArray shorter = array(device, Element.F32, 2 * 2 * DIM - 16);
    assertThatThrownBy(() -> attend(shorter, q, table(2, 20)))
        .hasMessage("queries: 240 elements of F32; this shape needs 256");
    assertThatThrownBy(() -> attend(q, shorter, table(2, 20)))
        .hasMessage("outputs: 240 elements of F32; this shape needs 256");
    assertThatThrownBy(() -> attend(q, q, table(2, 33)))
        .hasMessage("slots: 4 elements of I32; this shape needs 5");
  }

  @Test
  void elementsOfTheWrongKindAreNamed() {
    assertThatThrownBy(() -> store(array(device, Element.I32, TOKENS * DIM), places()))
        .hasMessageContaining("keys are I32");
    assertThatThrownBy(() -> store(rows(), array(device, Element.I32, TOKENS)))
        .hasMessage("places are I32; give I64");
  }

  @Test
  void hostMemoryIsNativeAndFits() {
    DeviceMemory memory = device.allocate(64);
    assertThatThrownBy(() -> device.copy((MemorySegment) null, memory, 0, stream))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("host memory");
    assertThatThrownBy(() -> device.copy(MemorySegment.ofArray(new byte[64]), memory, 0, stream))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64 bytes on the Java heap");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(64);
      assertThatThrownBy(() -> device.copy(host, memory, 16, stream))
          .hasMessage("bytes 16 to 80 of device memory of 64 bytes");
    }
    assertThatThrownBy(() -> device.allocate(0)).hasMessageContaining("0 bytes of memory");
    assertThatThrownBy(() -> new DeviceArray(null, 0, Element.F32, 1))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("device memory");
  }

  @Test
  void aClosedDeviceDoesNothing() {
    var closed = new Device(new IdleDriver("idle:2"));
    DeviceMemory memory = closed.allocate(64);
    closed.close();
    assertThatThrownBy(() -> closed.allocate(64))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("idle:2 is used after it was closed");
    assertThatThrownBy(() -> closed.fill(memory, 0, 64, (byte) 0, closed.defaultStream()))
        .hasMessage("idle:2 is used after it was closed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          96 |  2 | 16 | head dim 96; kernels on devices take 64, 128 and 256
          64 | 17 | 16 | 17 query heads share a KV head; kernels on devices take 1 to 16
          64 |  2 | 24 | blocks of 24 tokens; kernels on devices take powers of two from 16 on
          64 |  2 |  8 | blocks of 8 tokens; kernels on devices take powers of two from 16 on
          """)
  void shapesWithoutAKernelAreNamedWithTheLimit(
      int dim, int group, int blockTokens, String sentence) {
    assertThatThrownBy(() -> kv(dim, group, blockTokens))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  @Test
  void noMoreAreTakenThanThereAre() {
    try (var scorer = new DeviceScorer(kv)) {
      DeviceArray values = array(device, Element.F32, 40);
      DeviceArray indices = array(device, Element.I32, 100);
      assertThatThrownBy(() -> scorer.topK(values, 2, 20, null, 20, 21, indices, stream))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the 21 greatest of 20 values; take 20 at most");
      assertThatThrownBy(() -> scorer.topK(values, 2, 20, null, 0, 1, indices, stream))
          .hasMessageContaining("the 1 greatest of 0 values in 2 lists");
      assertThatThrownBy(() -> scorer.mass(16, 2, values, 2, stream))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("nothing has been scored");
    }
  }

  @Test
  void pagesAreAlikeAndAligned() {
    DeviceMemory memory = device.allocate(256);
    var of64 = new PageRange(device, memory, null, 0, 64, 4);
    var of32 = new PageRange(device, memory, null, 0, 32, 8);
    DeviceArray pages = array(device, Element.I32, 4);
    assertThatThrownBy(() -> new DeviceCopier(device).copy(of64, pages, of32, pages, 4, stream))
        .hasMessage("pages of 64 bytes are copied to pages of 32 bytes; they must be alike");
    assertThatThrownBy(() -> new DeviceCopier(device).copy(of64, pages, of64, pages, 5, stream))
        .hasMessage("from: 4 elements of I32; this shape needs 5");
    assertThatThrownBy(() -> new PageRange(device, memory, null, 8, 64, 1))
        .hasMessageContaining("both must be multiples of 16");
  }
}
