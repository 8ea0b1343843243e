package org.kvcache.bench.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.IntStream;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceCopier;
import org.kvcache.kernels.device.DeviceMemory;
import org.kvcache.kernels.device.PageRange;
import org.kvcache.kernels.device.PinnedMemory;

/** Checks copies of pages: from pinned memory to the device, within it, and back. */
final class CopyCheck {

  private static final int PAGES = 9;

  private CopyCheck() {}

  static CheckResult run(Device device, long pageBytes, long seed) {
    var random = new Random(seed);
    long bytes = PAGES * pageBytes;
    try (PinnedMemory from = device.allocatePinned(bytes);
        PinnedMemory back = device.allocatePinned(bytes);
        DeviceMemory first = device.allocate(bytes);
        DeviceMemory second = device.allocate(bytes);
        var arrays = new DeviceArrays(device)) {
      for (long i = 0; i < bytes; i++) {
        from.segment().set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
      }
      back.segment().fill((byte) 0x5A);
      var copier = new DeviceCopier(device);
      int[] order = DeviceScene.shuffled(PAGES, random);
      int[] straight = IntStream.range(0, PAGES).toArray();
      var shuffled = arrays.ints(order);
      var pages = arrays.ints(straight);
      var there = new PageRange(device, first, null, 0, pageBytes, PAGES);
      var moved = new PageRange(device, second, null, 0, pageBytes, PAGES);
      int[] kept = order.clone();
      kept[2] = -1; // that page is left alone
      var stream = device.defaultStream();
      copier.copy(PageRange.of(from, pageBytes), shuffled, there, pages, PAGES, stream);
      copier.copy(there, pages, moved, shuffled, PAGES, stream);
      copier.copy(moved, arrays.ints(kept), PageRange.of(back, pageBytes), shuffled, PAGES, stream);
      device.synchronize();
      return new CheckResult(
          "copy", "-", wrong(from, back, pageBytes, order[2]), 0, pageBytes + " bytes a page");
    }
  }

  private static int wrong(PinnedMemory from, PinnedMemory back, long pageBytes, int untouched) {
    int wrong = 0;
    for (int page = 0; page < PAGES; page++) {
      MemorySegment is = back.segment().asSlice(page * pageBytes, pageBytes);
      for (long i = 0; i < pageBytes; i++) {
        byte right =
            page == untouched
                ? 0x5A
                : from.segment().get(ValueLayout.JAVA_BYTE, page * pageBytes + i);
        wrong += is.get(ValueLayout.JAVA_BYTE, i) == right ? 0 : 1;
      }
    }
    return wrong;
  }
}
