package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Pages on their way to slots: one copy over the bus, then a scatter on the device. Two buffers of
 * one size, pinned on the host and on the device, hold the staged pages' own numbers, the pages
 * they go to, and the staged pages. Grows to what was asked for; belongs to one thread.
 */
final class PageUpload implements AutoCloseable {

  private final Device device;
  private final DeviceStream stream;
  private final DeviceCopier copier;
  private final PageRange slots;
  private final long pageBytes;
  private final DeviceEvent done;
  private @Nullable Buffers buffers;
  private boolean underWay;

  PageUpload(Device device, DeviceStream stream, PageRange slots) {
    this.device = device;
    this.stream = stream;
    this.slots = slots;
    copier = new DeviceCopier(device);
    pageBytes = slots.pageBytes();
    done = device.newEvent();
  }

  /** Memory for that many pages; nothing may be under way. */
  MemorySegment staging(int count) {
    if (capacity() < count) {
      int grown = (int) Math.min(Integer.MAX_VALUE, Math.max(count, 2L * capacity()));
      giveBack();
      buffers = new Buffers(device, stream, pageBytes, grown);
    }
    return Objects.requireNonNull(buffers).pages;
  }

  /** How many pages there is memory for. */
  int capacity() {
    return buffers == null ? 0 : buffers.capacity;
  }

  /** Says which page a staged page becomes. */
  void target(int page, int of) {
    Objects.requireNonNull(buffers).targets.setAtIndex(ValueLayout.JAVA_INT, page, of);
  }

  /** Puts the copy of the first {@code count} pages on the stream. */
  void begin(int count) {
    Buffers of = Objects.requireNonNull(buffers);
    underWay = true;
    long bytes = of.pages.address() - of.targets.address() + count * pageBytes;
    long to = of.memory.address() + of.to.offset();
    device.driver().copyToDevice(to, of.targets, bytes, stream.handle(device));
    copier.copy(of.source, of.from, slots, of.to, count, stream);
    done.record(stream);
  }

  /** Waits until nothing is under way. */
  void await() {
    if (underWay) {
      underWay = false;
      done.synchronize();
    }
  }

  private void giveBack() {
    if (buffers != null) {
      buffers.close();
      buffers = null;
    }
  }

  /** Nothing may be under way. */
  @Override
  public void close() {
    giveBack();
    done.close();
  }

  /** Memory, cut for a number of pages. */
  private static final class Buffers implements AutoCloseable {
    final int capacity;
    final PinnedMemory host;
    final DeviceMemory memory;
    final MemorySegment targets; // to the end
    final MemorySegment pages;
    final PageRange source;
    final DeviceArray from;
    final DeviceArray to;

    Buffers(Device device, DeviceStream stream, long pageBytes, int capacity) {
      this.capacity = capacity;
      long numbers = ((long) capacity * Integer.BYTES + 15) & -16L;
      long bytes = 2 * numbers + capacity * pageBytes;
      host = device.allocatePinned(bytes);
      try {
        memory = device.allocate(bytes);
      } catch (RuntimeException e) {
        host.close();
        throw e;
      }
      targets = host.segment().asSlice(numbers);
      pages = host.segment().asSlice(2 * numbers);
      source = new PageRange(device, memory, null, 2 * numbers, pageBytes, capacity);
      from = new DeviceArray(memory, 0, Element.I32, capacity);
      to = new DeviceArray(memory, numbers, Element.I32, capacity);
      for (int i = 0; i < capacity; i++) {
        host.segment().setAtIndex(ValueLayout.JAVA_INT, i, i);
      }
      device
          .driver()
          .copyToDevice(memory.address(), host.segment(), numbers, stream.handle(device));
      stream.synchronize();
    }

    @Override
    public void close() {
      host.close();
      memory.close();
    }
  }
}
