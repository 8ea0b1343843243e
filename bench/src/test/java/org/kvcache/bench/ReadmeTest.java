package org.kvcache.bench;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {

  @Test
  void exampleWorksWhenPasted(@TempDir Path classes) throws Exception {
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
                List.of(source("Example", example())))
            .call();
    assertThat(compiled).as(complaints.toString(StandardCharsets.UTF_8)).isTrue();
    try (var loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      var serve = loader.loadClass("Example").getDeclaredMethod("serve", int[].class);
      serve.setAccessible(true);
      assertThat(printed(() -> serve.invoke(null, IntStream.range(0, 100).toArray())))
          .isEqualTo("0.0");
    }
  }

  @Test
  void exampleIsShort() throws IOException {
    assertThat(example().lines().filter(line -> !line.isBlank()).count()).isLessThanOrEqualTo(25);
  }

  private static String example() throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("README.md")) || !Files.exists(folder.resolve("bench"))) {
      folder = Objects.requireNonNull(folder.getParent());
    }
    String readme = Files.readString(folder.resolve("README.md"));
    int start = readme.indexOf("```java\n") + "```java\n".length();
    return readme.substring(start, readme.indexOf("```", start));
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
