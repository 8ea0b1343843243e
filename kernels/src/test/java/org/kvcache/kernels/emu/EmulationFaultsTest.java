package org.kvcache.kernels.emu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.kernels.device.DeviceDriver;
import org.kvcache.kernels.device.DeviceException;
import org.kvcache.kernels.device.KernelInfo;

class EmulationFaultsTest {

  private static final int THREADS = 64;
  private static final long BYTES = THREADS * Integer.BYTES;

  private DeviceDriver driver;
  private long in;
  private long out;

  @BeforeEach
  void open() {
    String missing = EmulatedDevice.unavailable();
    assumeTrue(missing == null, missing);
    driver = EmulatedDevice.checkedDriver(EmulatedTarget.CUDA, 77);
    in = driver.allocate(BYTES);
    out = driver.allocate(BYTES);
    for (int i = 0; i < THREADS; i++) {
      EmulatedDriver.at(in, BYTES).setAtIndex(ValueLayout.JAVA_INT, i, word(i));
    }
  }

  private static int word(int thread) {
    return 1_000_003 * (thread + 1);
  }

  @AfterEach
  void giveBack() {
    if (driver != null) {
      driver.free(in);
      driver.free(out);
      driver.close();
    }
  }

  private void launch(String fault) {
    String name = "kvcache_fault_" + fault;
    KernelInfo info = driver.kernelInfo(name);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment arguments = arena.allocate(2 * Long.BYTES, Long.BYTES);
      arguments.setAtIndex(ValueLayout.JAVA_LONG, 0, in);
      arguments.setAtIndex(ValueLayout.JAVA_LONG, 1, out);
      driver.launch(driver.findKernel(name), info, 1, 1, 1, arguments, 0);
    }
  }

  private void assertTheRightKernelStillRuns() {
    EmulatedDriver.at(out, BYTES).fill((byte) 0xFF);
    launch("none");
    for (int i = 0; i < THREADS; i++) {
      assertThat(EmulatedDriver.at(out, BYTES).getAtIndex(ValueLayout.JAVA_INT, i))
          .isEqualTo(word((i + 1) % THREADS));
    }
  }

  @Test
  void aKernelWithoutFaultsRuns() {
    assertTheRightKernelStillRuns();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          read_past       | thread 63 touches byte 256 of 256 bytes
          write_past      | thread 63 touches byte 256 of 256 bytes
          write_before    | byte -4 of 256 bytes
          shared_past     | thread 63 touches byte 256 of 256 bytes
          """)
  void leavingAnArrayIsAnErrorThatNamesTheByte(String fault, String sentence) {
    assertThatThrownBy(() -> launch(fault))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("emulated kvcache_fault_" + fault + ": out of bounds: ")
        .hasMessageContaining(sentence);
    assertTheRightKernelStillRuns();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          barrier_missed  | lanes wait for others that do not come
          barriers_differ | lanes meet in different operations
          never_waits     | the kernel ends with asynchronous copies that were not waited for
          """)
  void threadsThatDoNotMeetAreAnError(String fault, String sentence) {
    assertThatThrownBy(() -> launch(fault))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("emulated kvcache_fault_" + fault + ": " + sentence);
    assertTheRightKernelStillRuns();
  }

  @ParameterizedTest
  @ValueSource(strings = {"shared_unwritten", "no_wait", "race", "late_write", "read_before"})
  void resultsThatDependOnOrderOrPoisonAreAnError(String fault) {
    assertThatThrownBy(() -> launch(fault))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("emulated kvcache_fault_" + fault)
        .hasMessageContaining("depends on the order of threads or on memory that nobody wrote");
    assertTheRightKernelStillRuns();
  }
}
