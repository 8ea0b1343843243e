package org.kvcache.kernels.cuda;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.kvcache.Calibration;
import org.kvcache.KvShape;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceArray;
import org.kvcache.kernels.device.DeviceException;
import org.kvcache.kernels.device.DeviceKv;
import org.kvcache.kernels.device.DeviceStore;
import org.kvcache.kernels.device.Element;

/** What {@link CudaProbeTest} runs in a JVM whose libcuda is a stub. */
final class CudaStubProgram {

  private CudaStubProgram() {}

  public static void main(String[] args) {
    CudaProbe probe = CudaProbe.look();
    if (probe.missing() != null) {
      System.out.println("unavailable: " + probe.missing());
    } else {
      CudaDriver.load();
      try (var device =
          new Device(new CudaDriver(0, "not a fatbin".getBytes(StandardCharsets.US_ASCII)))) {
        System.out.println(device);
        use(device);
      }
    }
    System.out.println("alive");
  }

  private static void use(Device device) {
    try (var stream = device.newStream();
        var event = device.newEvent();
        var memory = device.allocate(1 << 20);
        var pinned = device.allocatePinned(64)) {
      MemorySegment host = pinned.segment();
      host.fill((byte) 7);
      device.copy(host, memory, 0, stream);
      device.fill(memory, 60, 4, (byte) 9, stream);
      host.fill((byte) 0);
      device.copy(memory, 0, host, stream);
      event.record(stream);
      stream.await(event);
      System.out.printf(
          "copied %d %d%n",
          host.get(ValueLayout.JAVA_BYTE, 59), host.get(ValueLayout.JAVA_BYTE, 60));
      System.out.println("millis " + event.millisSince(event));
      try {
        device.allocate(1L << 42);
      } catch (DeviceException e) {
        System.out.println("full: " + e.getMessage());
      }
      launch(device, DeviceArray.of(memory, Element.BF16), DeviceArray.of(memory, Element.I64));
    }
  }

  private static void launch(Device device, DeviceArray rows, DeviceArray places) {
    var shape = KvShape.of(1, 2, 128, 8);
    try (var stream = device.newStream();
        DeviceKv kv =
            DeviceKv.allocate(device, shape, "mxfp4", Calibration.identity(1, 2, 128), 16, 4)) {
      var store = new DeviceStore(kv);
      for (int i = 0; i < 20_000; i++) {
        store.store(0, rows, rows, places, 9, stream);
      }
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1000; i++) {
        store.store(0, rows, rows, places, 9, stream);
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      System.out.println("bytes in 1000 launches: " + bytes);
    }
  }
}
