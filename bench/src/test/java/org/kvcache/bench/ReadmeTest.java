package org.kvcache.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.spi.BlockCodec;

class ReadmeTest {

  @Test
  void cacheExampleWorksWhenPasted(@TempDir Path classes) throws Exception {
    var demo =
        compiled("Serve", example(0), classes)
            .getDeclaredMethod(
                "demo", int[].class, float[].class, float[].class, float[].class, float[].class);
    demo.setAccessible(true);
    int[] prompt = IntStream.range(0, 100).toArray();
    float[] row = new float[64];
    float[] q = new float[4 * 64];
    assertThat(printed(() -> demo.invoke(null, prompt, row, row, q, new float[4 * 64])).lines())
        .containsExactly("0 tokens were cached", "96 tokens were cached");
  }

  @Test
  void blockManagerExampleWorksWhenPasted(@TempDir Path classes) throws Exception {
    var serve = compiled("Example", example(1), classes).getDeclaredMethod("serve", int[].class);
    serve.setAccessible(true);
    assertThat(printed(() -> serve.invoke(null, IntStream.range(0, 100).toArray())))
        .isEqualTo("0.0");
  }

  @Test
  void codecExampleWorksWhenPasted(@TempDir Path classes) throws Exception {
    var demo =
        compiled("Attend", example(2), classes)
            .getDeclaredMethod("demo", float[].class, float[].class, float[].class);
    demo.setAccessible(true);
    float[] k = new float[16 * 128];
    float[] v = new float[16 * 128];
    Arrays.fill(v, 0.75f);
    String out = printed(() -> demo.invoke(null, k, v, new float[128]));
    assertThat(Float.parseFloat(out)).isCloseTo(0.75f, within(0.05f));
  }

  @Test
  void calibrationExampleWorksWhenPasted(@TempDir Path classes) throws Exception {
    var codec =
        compiled("Calibrate", example(3), classes)
            .getDeclaredMethod("codec", float[].class, float[].class, float[].class);
    codec.setAccessible(true);
    float[] rows = new float[8 * 128];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i * 37 % 64 - 31.5f;
    }
    assertThat(((BlockCodec) codec.invoke(null, rows, rows, rows)).scheme().name())
        .isEqualTo("lm16");
  }

  @Test
  void diffusionExampleWorksWhenPasted(@TempDir Path classes) throws Exception {
    var demo =
        compiled("Denoise", example(4), classes)
            .getDeclaredMethod(
                "demo", int[].class, float[].class, float[].class, float[].class, float[].class);
    demo.setAccessible(true);
    int[] prompt = IntStream.range(0, 576).toArray();
    float[] rows = new float[16 * 64];
    float[] q = new float[16 * 4 * 64];
    assertThat(printed(() -> demo.invoke(null, prompt, rows, rows, q, new float[q.length])))
        .isEqualTo("8 layers were chosen for");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void examplesAreShort(int number) throws IOException {
    assertThat(example(number).lines().filter(line -> !line.isBlank()).count())
        .isLessThanOrEqualTo(26);
  }

  private static Class<?> compiled(String name, String code, Path classes) throws Exception {
    var complaints = new ByteArrayOutputStream();
    boolean compiled =
        Objects.requireNonNull(ToolProvider.getSystemJavaCompiler())
            .getTask(
                new PrintWriter(complaints, true, StandardCharsets.UTF_8),
                null,
                null,
                List.of(
                    "-d",
                    classes.toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-proc:none"),
                null,
                List.of(source(name, code)))
            .call();
    assertThat(compiled).as(complaints.toString(StandardCharsets.UTF_8)).isTrue();
    var parent = ReadmeTest.class.getClassLoader();
    return new URLClassLoader(new URL[] {classes.toUri().toURL()}, parent).loadClass(name);
  }

  private static String example(int number) throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("README.md")) || !Files.exists(folder.resolve("bench"))) {
      folder = Objects.requireNonNull(folder.getParent());
    }
    String readme = Files.readString(folder.resolve("README.md"));
    String after = readme.split("```java\n")[number + 1];
    return after.substring(0, after.indexOf("```"));
  }

  private static JavaFileObject source(String name, String code) {
    return new SimpleJavaFileObject(
        URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return code;
      }
    };
  }

  private static String printed(Callable<?> work) throws Exception {
    PrintStream before = System.out;
    var out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      work.call();
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8).strip();
  }
}
