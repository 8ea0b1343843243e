package org.kvcache.kernels.hip;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.Calibration;
import org.kvcache.KvShape;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceArray;
import org.kvcache.kernels.device.DeviceCopier;
import org.kvcache.kernels.device.DeviceException;
import org.kvcache.kernels.device.DeviceKv;
import org.kvcache.kernels.device.DeviceStore;
import org.kvcache.kernels.device.Element;
import org.kvcache.kernels.device.NativeLibrary;
import org.kvcache.kernels.device.StubLibrary;

class HipStubTest {

  @TempDir private Path folder;

  @BeforeEach
  void needsCompiler() {
    StubLibrary.assumeCompiler("gcc");
  }

  private NativeLibrary stub(String... options) throws IOException {
    String source = StubLibrary.source(HipStubTest.class, "stub.c");
    Path file = StubLibrary.build(folder, "libamdhip64.so", source, options);
    return Objects.requireNonNull(NativeLibrary.open(file.toString()));
  }

  private static String log(NativeLibrary library) {
    try {
      var address =
          (MemorySegment)
              library
                  .function("stub_log", FunctionDescriptor.of(ValueLayout.ADDRESS))
                  .invokeExact();
      return address.reinterpret(1 << 16).getString(0);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static Device open(NativeLibrary library) {
    HipProbe probe = HipProbe.look(library, true);
    assertThat(probe.missing()).isNull();
    return new Device(
        new HipDriver(
            Objects.requireNonNull(probe.hip()), 0, "not a code object".getBytes(US_ASCII)));
  }

  @Test
  void eachThingMissingIsOneSentenceWithItsCure() throws IOException {
    assertThat(HipProbe.look(null, true).missing())
        .isEqualTo(
            "libamdhip64 was not found; install ROCm 6 or newer, or name the file with"
                + " -Dkvcache.hip.library");
    assertThat(HipProbe.look(stub("-DNO_LAUNCH"), true).missing())
        .contains("does not export hipModuleLaunchKernel; install ROCm 6 or newer");
  }

  @Test
  void noGpuIsOneSentence() throws IOException {
    assertThat(HipProbe.look(stub("-DNO_DEVICE"), true).missing())
        .contains("hipInit failed: no ROCm-capable device (100", "shows no GPU");
  }

  @Test
  void aBuildWithoutKernelsSaysSo() throws IOException {
    assertThat(HipProbe.look(stub(), false).missing()).contains("no HIP kernels");
  }

  @Test
  void descriptionHasNameArchitectureAndMemory() throws IOException {
    try (Device device = open(stub())) {
      assertThat(device.toString()).isEqualTo("hip:0 (Stub GPU, gfx950, 4 compute units, 5 GiB)");
      assertThat(device.multiprocessors()).isEqualTo(4);
    }
  }

  @Test
  void bytesGoThereAndBackAndEventsMeetStreams() throws IOException {
    NativeLibrary library = stub();
    try (Device device = open(library);
        var stream = device.newStream();
        var event = device.newEvent();
        var memory = device.allocate(64);
        Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate(64);
      MemorySegment to = arena.allocate(64);
      from.fill((byte) 7);
      device.copy(from, memory, 0, stream);
      device.fill(memory, 60, 4, (byte) 9, stream);
      event.record(stream);
      stream.await(event);
      device.copy(memory, 0, to, stream);
      stream.synchronize();
      assertThat(to.get(ValueLayout.JAVA_BYTE, 59)).isEqualTo((byte) 7);
      assertThat(to.get(ValueLayout.JAVA_BYTE, 60)).isEqualTo((byte) 9);
      assertThat(event.millisSince(event)).isEqualTo(1.5f);
      assertThat(log(library)).contains("record 0xe1 0x51", "wait 0x51 0xe1");
    }
  }

  @Test
  void launchesHaveTheGridThreadsSharedMemoryAndArgumentsOfTheKernel() throws IOException {
    NativeLibrary library = stub();
    try (Device device = open(library);
        var stream = device.newStream();
        var memory = device.allocate(1 << 20);
        DeviceKv kv =
            DeviceKv.allocate(
                device,
                KvShape.of(1, 2, 128, 8),
                "mxfp4",
                Calibration.identity(1, 2, 128),
                16,
                4)) {
      DeviceArray rows = DeviceArray.of(memory, Element.BF16);
      DeviceArray places = DeviceArray.of(memory, Element.I64);
      new DeviceStore(kv).store(0, rows, rows, places, 9, stream);
      DeviceArray indices = DeviceArray.of(memory, Element.I32);
      new DeviceCopier(device).copy(kv.slotPages(), indices, kv.slotPages(), indices, 3, stream);
    }
    assertThat(log(library))
        .contains("launch kvcache_store_mxfp4_128 grid 3 2 1 threads 128 1 1 shared 40960")
        .contains("launch kvcache_copy grid 3 1 1 threads 128 1 1 shared 40960 stream 0x51")
        .endsWith("unload\n");
  }

  @Test
  void freedMemoryServesTheNextAllocationOfItsSize() throws IOException {
    NativeLibrary library = stub();
    try (Device device = open(library)) {
      for (int i = 0; i < 100; i++) {
        device.allocate(1000 + i % 20).close();
      }
      assertThat(log(library).lines().filter(line -> line.startsWith("malloc"))).hasSize(1);
      assertThat(device.trim()).isEqualTo(1024);
    }
  }

  @Test
  void fullMemoryIsOneSentence() throws IOException {
    try (Device device = open(stub("-DNO_MEMORY"))) {
      assertThatThrownBy(() -> device.allocate(1000))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("hipMalloc failed: stub error (2");
    }
  }
}
