package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.kvcache.spi.AttentionBackend;

class NativeLibraryTest {

  @Test
  void loadsWhereACompilerIs() {
    assumeTrue(System.getProperty("os.name").equals("Linux"));
    boolean compiler =
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "g++")));
    assumeTrue(compiler);
    assertThat(NativeLibrary.missing()).isNull();
    assertThat(AttentionBackend.named("native").summary()).contains("C++ (");
  }

  @Test
  void levelIsTheBestOrTheOneAskedFor() {
    assertThat(NativeLevel.choose("auto", NativeLevel.AVX2)).isEqualTo(NativeLevel.AVX2);
    assertThat(NativeLevel.choose("portable", NativeLevel.AVX512)).isEqualTo(NativeLevel.PORTABLE);
    assertThat(NativeLevel.choose("avx512", NativeLevel.AVX512_VNNI))
        .isEqualTo(NativeLevel.AVX512_VNNI);
    assertThat(NativeLevel.choose("avx512", NativeLevel.AVX512)).isEqualTo(NativeLevel.AVX512);
    assertThatThrownBy(() -> NativeLevel.choose("avx512", NativeLevel.AVX2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("-Dkvcache.native.level=avx512: this processor has avx2 at most");
    assertThatThrownBy(() -> NativeLevel.choose("sse", NativeLevel.AVX2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("-Dkvcache.native.level=sse: say auto, portable, avx2, avx512, avx512-vnni");
  }
}
