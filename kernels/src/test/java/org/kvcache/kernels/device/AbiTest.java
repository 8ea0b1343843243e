package org.kvcache.kernels.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AbiTest {

  private static final List<StructLayout> STRUCTS =
      List.of(
          Abi.Blocks.LAYOUT,
          Abi.Store.LAYOUT,
          Abi.Attend.LAYOUT,
          Abi.Score.LAYOUT,
          Abi.Mass.LAYOUT,
          Abi.TopK.LAYOUT,
          Abi.Copy.LAYOUT);

  @Test
  void everyFieldLiesWhereTheNativeCompilerPutsIt(@TempDir Path folder) throws IOException {
    StubLibrary.assumeCompiler("g++");
    var program =
        new StringBuilder("#include <stddef.h>\n#include <stdio.h>\n#include \"abi.h\"\n");
    program.append("int main() {\n");
    var expected = new StringBuilder();
    for (StructLayout struct : STRUCTS) {
      String name = struct.name().orElseThrow();
      print(program, "sizeof(kvcache::" + name + ")");
      expected.append(struct.byteSize()).append('\n');
      for (MemoryLayout field : struct.memberLayouts()) {
        String of = field.name().orElseThrow();
        print(program, "offsetof(kvcache::" + name + ", " + of + ")");
        print(program, "sizeof(kvcache::" + name + "::" + of + ")");
        long offset = struct.byteOffset(MemoryLayout.PathElement.groupElement(of));
        expected.append(offset).append('\n').append(field.byteSize()).append('\n');
      }
    }
    program.append("}\n");
    Path source = folder.resolve("abi.cpp");
    Path executable = folder.resolve("abi");
    Files.writeString(source, program);
    StubLibrary.run(
        List.of("g++", "-Isrc/main/native/simt", source.toString(), "-o", executable.toString()));
    assertThat(StubLibrary.run(List.of(executable.toString()))).isEqualTo(expected.toString());
  }

  private static void print(StringBuilder program, String expression) {
    program.append("  printf(\"%d\\n\", (int) ").append(expression).append(");\n");
  }

  @Test
  void kernelInfoIsReadInTheNativeOrder(@TempDir Path folder) throws IOException {
    StubLibrary.assumeCompiler("g++");
    Path source = folder.resolve("info.cpp");
    Files.writeString(
        source,
        """
        #include <stdio.h>
        #include "abi.h"
        int main() {
          kvcache::KernelInfo info{};
          info.threads = 1; info.rows = 2; info.sharedBytes = 3;
          const int* words = (const int*) &info;
          printf("%d %d %d %d", words[0], words[1], words[2], (int) sizeof info);
        }
        """);
    Path executable = folder.resolve("info");
    StubLibrary.run(
        List.of("g++", "-Isrc/main/native/simt", source.toString(), "-o", executable.toString()));
    assertThat(StubLibrary.run(List.of(executable.toString())))
        .isEqualTo("1 2 3 " + KernelInfo.BYTES);
  }
}
