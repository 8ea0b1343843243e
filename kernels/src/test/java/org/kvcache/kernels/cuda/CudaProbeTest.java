package org.kvcache.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.kernels.device.NativeLibrary;
import org.kvcache.kernels.device.StubLibrary;

class CudaProbeTest {

  private static final String LIBRARY = "libcuda.so.1";
  private static final String SYMBOLS = "jcuda-driver-symbols.txt";

  @TempDir private Path folder;

  private Path stub(String without, String... options) throws IOException {
    StubLibrary.assumeCompiler("gcc");
    var source = new StringBuilder(StubLibrary.source(CudaProbeTest.class, "stub.c"));
    String known = source.toString();
    for (String symbol : StubLibrary.source(CudaProbe.class, SYMBOLS).lines().toList()) {
      if (!known.contains("int " + symbol + "(") && !symbol.equals(without)) {
        source.append("int ").append(symbol).append("(void) { return 801; }\n");
      }
    }
    return StubLibrary.build(folder, LIBRARY, source.toString(), options);
  }

  private @Nullable String missing(String without, String... options) throws IOException {
    return CudaProbe.look(NativeLibrary.open(stub(without, options).toString())).missing();
  }

  @Test
  void noDriverIsOneSentence() {
    assertThat(CudaProbe.look(null).missing())
        .isEqualTo(
            "libcuda.so.1 was not found; install NVIDIA driver 525 or newer (CUDA 12), or in a"
                + " container pass the GPU through");
  }

  @Test
  void missingSymbolIsNamed() throws IOException {
    assertThat(missing("cuGraphUpload"))
        .contains("does not export cuGraphUpload, which JCuda needs; install");
  }

  @Test
  void failingDriverIsOneSentence() throws IOException {
    assertThat(missing("", "-DINIT=999")).contains("cuInit", "failed with error 999", "nvidia-smi");
  }

  @Test
  void noGpuIsOneSentence() throws IOException {
    assertThat(missing("", "-DINIT=100")).contains("shows no GPU");
  }

  @Test
  void oldDriverIsOneSentence() throws IOException {
    assertThat(missing("cuGraphUpload", "-DVERSION=11080"))
        .isEqualTo(
            "the NVIDIA driver is for CUDA 11.8, 12.0 is needed; install driver 525 or newer");
  }

  @Test
  void completeDriverIsFound() throws IOException {
    assertThat(missing("")).isNull();
  }

  @Test
  void listHasEverySymbolThatTheLibraryInTheJarNeeds() throws IOException {
    StubLibrary.assumeCompiler("nm");
    Path library = folder.resolve("libJCudaDriver.so");
    try (var in = getClass().getResourceAsStream("/lib/libJCudaDriver-12.6.0-linux-x86_64.so")) {
      assumeTrue(in != null, "JCuda has no library for this OS");
      Files.copy(in, library);
    }
    String needed = StubLibrary.run(List.of("nm", "-D", "--undefined-only", library.toString()));
    assertThat(StubLibrary.source(CudaProbe.class, SYMBOLS).lines())
        .containsExactlyInAnyOrderElementsOf(
            needed
                .lines()
                .map(line -> line.strip().split(" ")[1])
                .filter(name -> name.matches("cu[A-Z].*"))
                .toList());
  }

  private String inAnotherJvm(Class<?> program) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Djava.io.tmpdir=" + folder);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    var builder = new ProcessBuilder(command);
    builder.environment().put("LD_LIBRARY_PATH", folder.toString());
    return StubLibrary.run(builder);
  }

  @Test
  void aJvmLivesThoughASymbolIsMissing() throws IOException {
    stub("cuTexRefCreate");
    assertThat(inAnotherJvm(CudaStubProgram.class))
        .contains("unavailable: libcuda.so.1 does not export cuTexRefCreate")
        .endsWith("alive\n");
  }

  @Test
  void launchesReachTheDriverThroughJCuda() throws IOException {
    stub("");
    assertThat(inAnotherJvm(CudaStubProgram.class))
        .contains("cuda:0 (Stub GPU, sm_90, 4 multiprocessors, 5 GiB)")
        .contains("load not")
        .contains("attribute 8 of kvcache_store_mxfp4_128 is 65536")
        .contains(
            "launch kvcache_store_mxfp4_128 grid 3 2 1 threads 128 1 1 shared 65536 stream 0x51"
                + " slot bytes 4352")
        .contains("copied 7 9", "millis 1.5", "record 0xe1 0x51", "wait 0x51 0xe1")
        .contains("full: cuMemAlloc of 4398046511104 bytes failed: CUDA_ERROR_OUT_OF_MEMORY (2)")
        .contains("bytes in 1000 launches: 0")
        .contains("unload 0x71")
        .contains("alive\n");
  }
}
