package org.kvcache.policy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** A Mooncake file in {@code shared/traces} of some folder above, block ids renumbered from 0. */
record SharedTrace(int[][] requests, int keys) {

  /** Skips the test if there is no such file. */
  static SharedTrace read(String name) throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/traces"))) {
      folder = folder.getParent();
    }
    assumeTrue(folder != null, "no folder above has shared/traces");
    Path file = folder.resolve("shared/traces").resolve(name + ".jsonl.gz");
    assumeTrue(Files.exists(file), () -> "no " + file);
    Map<String, Integer> ids = new HashMap<>();
    try (var in = new GZIPInputStream(Files.newInputStream(file), 1 << 16);
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      int[][] requests = lines.lines().map(line -> chain(line, ids)).toArray(int[][]::new);
      return new SharedTrace(requests, ids.size());
    }
  }

  private static int[] chain(String line, Map<String, Integer> ids) {
    int from = line.indexOf('[', line.indexOf("\"hash_ids\"")) + 1;
    String list = line.substring(from, line.indexOf(']', from));
    return Arrays.stream(list.split(","))
        .map(String::strip)
        .filter(id -> !id.isEmpty())
        .mapToInt(id -> ids.computeIfAbsent(id, unseen -> ids.size()))
        .toArray();
  }

  long references() {
    return Arrays.stream(requests).mapToLong(chain -> chain.length).sum();
  }
}
