package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.AttentionWindow;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.PagedKv;

class NativeKernelTest {

  private static final int HEADS = 3;

  private record Elsewhere(Head head, MemorySegment memory, long shift) implements PagedKv {
    @Override
    public long block(int index) {
      return head.block(index) + shift;
    }

    @Override
    public int encoded() {
      return head.encoded();
    }

    @Override
    public MemorySegment staged(int index) {
      return head.staged(index);
    }

    @Override
    public long stagedKey(int row) {
      return head.stagedKey(row);
    }

    @Override
    public long stagedValue(int row) {
      return head.stagedValue(row);
    }
  }

  private final float[] q = Head.gaussian(new Random(5), HEADS * 128);

  @BeforeEach
  void onlyWhereTheLibraryIs() {
    assumeTrue(NativeLibrary.missing() == null, NativeLibrary::missing);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mxfp4", "lm16", "k8v4", "fp8", "bf16", "f32", "f32+mxfp4", "ultraquant"})
  void nanIsWhereTheScalarBackendHasIt(String scheme) {
    for (int dim : new int[] {64, 128, 256}) {
      float[] queries = Head.gaussian(new Random(5), HEADS * dim);
      float[] row = Head.gaussian(new Random(6), dim);
      float[] nan = row.clone();
      nan[37] = Float.NaN;
      for (int token : new int[] {0, 7, 68}) {
        Head keys = new Head(scheme, dim, 16, 69, 0, 1);
        keys.replace(token, nan, row);
        Head values = new Head(scheme, dim, 16, 69, 0, 1);
        values.replace(token, row, nan);
        for (NativeLevel level : NativeLevels.here()) {
          assertThat(nans(keys, level, queries)).containsOnly(true);
          boolean[] found = nans(values, level, queries);
          assertThat(found[37]).isTrue();
          assertThat(found[1]).isFalse();
        }
      }
    }
  }

  private static boolean[] nans(Head head, NativeLevel level, float[] q) {
    var scalar = new ScalarBackend().kernel(head.codec, head.blockTokens, HEADS);
    boolean[] expected = nans(head.attend(scalar, head.length, AttentionWindow.ALL, q));
    var kernel = NativeLevels.kernel(head, HEADS, level);
    boolean[] found = nans(head.attend(kernel, head.length, AttentionWindow.ALL, q));
    assertThat(found).as("%s", level).isEqualTo(expected);
    return found;
  }

  private static boolean[] nans(float[] numbers) {
    boolean[] nans = new boolean[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      nans[i] = Float.isNaN(numbers[i]);
    }
    return nans;
  }

  @ParameterizedTest
  @ValueSource(strings = {"mxfp4", "lm16"})
  void foreignCodesInAGroupThatIsNotANumberAreNoNumbers(String scheme) {
    Head head = new Head(scheme, 128, 16, 40, 0, 2);
    long value = head.block(1) + head.codec.layout().valueScales() + 4 * 3 + 2;
    head.memory().set(ValueLayout.JAVA_BYTE, value, (byte) (scheme.equals("lm16") ? 0x7F : 0xFF));
    for (NativeLevel level : NativeLevels.here()) {
      boolean[] found = nans(head, level, q);
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isEqualTo(i % 128 / 32 == 2);
      }
    }
    long key = head.block(0) + head.codec.layout().keyScales() + 1;
    head.memory().set(ValueLayout.JAVA_BYTE, key, (byte) (scheme.equals("lm16") ? 0x7F : 0xFF));
    for (NativeLevel level : NativeLevels.here()) {
      assertThat(nans(head, level, q)).containsOnly(true);
    }
  }

  @Test
  void queriesThatAreNotNumbersGiveNone() {
    for (NativeLevel level : NativeLevels.here()) {
      float[] queries = q.clone();
      queries[128 + 5] = Float.NaN;
      Head head = new Head("mxfp4", 128, 16, 40, 0, 2);
      boolean[] found = nans(head, level, queries);
      for (int i = 0; i < found.length; i++) {
        assertThat(found[i]).isEqualTo(i / 128 == 1);
      }
    }
  }

  @Test
  void memoryMayBeOnTheHeap() {
    Head head = new Head("lm16", 128, 32, 333, 0, 3);
    AttentionKernel kernel = new NativeBackend().kernel(head.codec, 32, HEADS);
    float[] expected = head.attend(kernel, 333, AttentionWindow.ALL, q);
    byte[] bytes = head.memory().toArray(ValueLayout.JAVA_BYTE);
    var onHeap = new Elsewhere(head, MemorySegment.ofArray(bytes), 0);
    assertThat(head.attend(kernel, onHeap, 333, AttentionWindow.ALL, q)).isEqualTo(expected);
  }

  @Test
  void memoryThatIsNotThereIsRefusedBeforeItIsTouched() {
    Head head = new Head("mxfp4", 128, 16, 40, 0, 4);
    AttentionKernel kernel = new NativeBackend().kernel(head.codec, 16, HEADS);
    Arena arena = Arena.ofShared();
    MemorySegment freed = arena.allocate(head.memory().byteSize());
    arena.close();
    assertThatThrownBy(() -> attend(head, kernel, freed, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> attend(head, kernel, MemorySegment.NULL, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("null segment");
    assertThatThrownBy(() -> attend(head, kernel, head.memory(), 16))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("the memory has " + head.memory().byteSize() + " bytes");
    assertThatThrownBy(() -> attend(head, kernel, head.memory(), -1L << 40))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private void attend(Head head, AttentionKernel kernel, MemorySegment memory, long shift) {
    head.attend(kernel, new Elsewhere(head, memory, shift), head.length, AttentionWindow.ALL, q);
  }

  @Test
  void wrongShapesAreRefused() {
    Head head = new Head("mxfp4", 128, 16, 40, 0, 4);
    AttentionKernel kernel = new NativeBackend().kernel(head.codec, 16, HEADS);
    float[] out = new float[HEADS * 128];
    var all = AttentionWindow.ALL;
    assertThatThrownBy(() -> kernel.attend(head, 40, all, 1, new float[383], 0, out, 0))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("queries for 3 heads of 128 from 0 on; the array has 383 elements");
    assertThatThrownBy(() -> kernel.attend(head, 40, all, 1, q, 0, out, 1))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("outputs");
    assertThatThrownBy(() -> kernel.attend(head, 0, all, 1, q, 0, out, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("over 0 tokens");
    assertThatThrownBy(() -> new NativeBackend().kernel(head.codec, 16, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 query heads");
    assertThatThrownBy(() -> new NativeBackend().kernel(head.codec, 32, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("blocks of 32 tokens");
  }

  @ParameterizedTest
  @CsvSource({"turbo4, 128, 16", "mxfp4m, 128, 16", "kivi4, 128, 128", "mxfp4, 32, 16"})
  void formatsWithoutNativeCodeAreLeftToTheVectorBackend(String scheme, int dim, int block) {
    Head head = new Head(scheme, dim, block, 300, 0, 5);
    float[] queries = Head.gaussian(new Random(5), HEADS * dim);
    AttentionKernel kernel = new NativeBackend().kernel(head.codec, block, HEADS);
    assertThat(kernel).isInstanceOf(VectorKernel.class);
    assertThat(head.attend(kernel, 300, AttentionWindow.ALL, queries)).doesNotContain(Float.NaN);
  }
}
