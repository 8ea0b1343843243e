package org.kvcache.kernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;

class DevicePlanTest {

  @Test
  void sizeClassesHoldWhatIsAskedForAndWasteLittle() {
    for (long bytes = 1; bytes < 1 << 20; bytes += 1 + bytes / 7) {
      long held = MemoryPool.classBytes(MemoryPool.sizeClass(bytes));
      assertThat(held).isGreaterThanOrEqualTo(bytes);
      if (bytes > 256) {
        assertThat(held).isLessThanOrEqualTo(bytes + bytes / 4);
      }
    }
  }

  @Test
  void splitsFillTheDeviceButNotWithCrumbs() {
    assertThat(Splits.of(1, 100, 132)).isEqualTo(1);
    assertThat(Splits.of(1, 4096, 132)).isEqualTo(16);
    assertThat(Splits.of(8, 131_072, 132)).isEqualTo(33);
    assertThat(Splits.of(10_000, 131_072, 132)).isEqualTo(1);
  }

  private static BlockCodec codec(String scheme, int dim, int blockTokens) {
    return CodecCatalog.bind(scheme, dim, blockTokens, HeadCalibration.identity(dim));
  }

  @Test
  void schemesHaveTheNamesOfTheirKernels() {
    assertThat(KernelScheme.of(codec("k8v4", 128, 16), 4).kernel("store"))
        .isEqualTo("kvcache_store_k8v4_128");
    assertThat(KernelScheme.of(codec("ultraquant", 256, 16), 4))
        .extracting(KernelScheme::name, KernelScheme::rule, KernelScheme::rotate)
        .containsExactly("mxfp4", 2, true);
    assertThat(KernelScheme.of(codec("fp8", 64, 16), 1))
        .extracting(KernelScheme::name, KernelScheme::rotate)
        .containsExactly("fp8", false);
  }

  @Test
  void whatHasNoKernelIsNamedWithTheLimit() {
    assertThatThrownBy(() -> KernelScheme.of(codec("turbo4", 128, 16), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("scheme 'turbo4' has no kernels on devices; take bf16");
    assertThatThrownBy(() -> KernelScheme.of(codec("bf16", 96, 16), 1))
        .hasMessageContaining("head dim 96; kernels on devices take 64, 128 and 256");
    assertThatThrownBy(() -> KernelScheme.of(codec("bf16", 128, 48), 1))
        .hasMessageContaining("blocks of 48 tokens");
    assertThatThrownBy(() -> KernelScheme.of(codec("bf16", 128, 16), 17))
        .hasMessageContaining("17 query heads share a KV head; kernels on devices take 1 to 16");
  }
}
