package org.kvcache.bench.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.kvcache.kernels.device.Device;
import org.kvcache.kernels.device.DeviceArray;
import org.kvcache.kernels.device.DeviceMemory;
import org.kvcache.kernels.device.Element;

/** Arrays on a device, by copies that are waited for; given back together. */
final class DeviceArrays implements AutoCloseable {

  private final Device device;
  private final List<DeviceMemory> held = new ArrayList<>();

  DeviceArrays(Device device) {
    this.device = device;
  }

  /** An array full of NaN, or of -1. */
  DeviceArray poisoned(Element element, long length) {
    DeviceMemory memory = device.allocate(Math.max(1, length) * element.bytes());
    held.add(memory);
    device.fill(memory, 0, memory.bytes(), (byte) 0xFF, device.defaultStream());
    return new DeviceArray(memory, 0, element, length);
  }

  /** Rounded to the element; {@link #round} says to what. */
  DeviceArray floats(float[] from, Element element) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(Math.max(1L, from.length) * element.bytes(), 16);
      for (int i = 0; i < from.length; i++) {
        switch (element) {
          case F32 -> host.setAtIndex(ValueLayout.JAVA_FLOAT, i, from[i]);
          case F16 -> host.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(from[i]));
          default -> host.setAtIndex(ValueLayout.JAVA_SHORT, i, bf16(from[i]));
        }
      }
      return upload(host, element, from.length);
    }
  }

  DeviceArray ints(int... from) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(Math.max(1L, from.length) * Integer.BYTES, 16);
      MemorySegment.copy(from, 0, host, ValueLayout.JAVA_INT, 0, from.length);
      return upload(host, Element.I32, from.length);
    }
  }

  DeviceArray longs(long... from) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(Math.max(1L, from.length) * Long.BYTES, 16);
      MemorySegment.copy(from, 0, host, ValueLayout.JAVA_LONG, 0, from.length);
      return upload(host, Element.I64, from.length);
    }
  }

  private DeviceArray upload(MemorySegment host, Element element, long length) {
    DeviceMemory memory = device.allocate(host.byteSize());
    held.add(memory);
    device.copy(host, memory, 0, device.defaultStream());
    device.synchronize();
    return new DeviceArray(memory, 0, element, length);
  }

  float[] floats(DeviceArray from) {
    try (Arena arena = Arena.ofConfined()) {
      return download(from, arena).toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  int[] ints(DeviceArray from) {
    try (Arena arena = Arena.ofConfined()) {
      return download(from, arena).toArray(ValueLayout.JAVA_INT);
    }
  }

  private MemorySegment download(DeviceArray from, Arena arena) {
    device.synchronize();
    MemorySegment host = arena.allocate(from.length() * from.element().bytes(), 16);
    device.copy(from.memory(), from.offset(), host, device.defaultStream());
    device.synchronize();
    return host;
  }

  /** In place, what {@link #floats(float[], Element)} makes of the numbers. */
  static float[] round(float[] numbers, Element element) {
    for (int i = 0; i < numbers.length; i++) {
      if (element == Element.F16) {
        numbers[i] = Float.float16ToFloat(Float.floatToFloat16(numbers[i]));
      } else if (element == Element.BF16) {
        numbers[i] = Float.intBitsToFloat(bf16(numbers[i]) << 16);
      }
    }
    return numbers;
  }

  /** Nearest even, of a number that is finite. */
  private static short bf16(float number) {
    int bits = Float.floatToRawIntBits(number);
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }

  @Override
  public void close() {
    held.forEach(DeviceMemory::close);
  }
}
