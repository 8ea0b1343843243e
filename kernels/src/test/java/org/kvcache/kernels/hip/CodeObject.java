package org.kvcache.kernels.hip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What LLVM's tools say of the code object of one architecture.
 *
 * @param kernels what stands in the metadata of each kernel, for example {@code vgpr_count}
 * @param symbols names that a program can look up
 * @param instructions of each kernel
 */
record CodeObject(
    Map<String, Map<String, String>> kernels,
    List<String> symbols,
    Map<String, List<Instruction>> instructions) {
  private static final Path LLVM = Path.of("target", "llvm", "org", "bytedeco", "llvm");
  private static final Pattern NOTE = Pattern.compile("^ {2}[ -] \\.(\\w+): +(\\S+)$");
  private static final Pattern LINE = Pattern.compile("^\\t(.+?) *// 0*([0-9A-F]+):.*$");
  private static final Pattern HEADER = Pattern.compile("^([0-9a-f]+) <(\\w+)>:$");
  private static final Pattern TARGET = Pattern.compile("<\\w+(?:\\+0x([0-9a-f]+))?>$");

  /** An instruction: its address, its text, and where it jumps, or -1. */
  record Instruction(long address, String text, long target) {
    boolean jumpsBack() {
      return target >= 0 && target <= address;
    }
  }

  /** The tools are where Maven put them to build the bundle. */
  static boolean canBeRead() {
    return Files.isExecutable(tool("llvm-objdump"));
  }

  static CodeObject of(String architecture, Path bundle, Path folder)
      throws IOException, InterruptedException {
    Path file = folder.resolve(architecture);
    run(
        "clang-offload-bundler",
        "-type=o",
        "-unbundle",
        "-input=" + bundle,
        "-targets=hipv4-amdgcn-amd-amdhsa--" + architecture,
        "-output=" + file);
    return new CodeObject(
        kernels(run("llvm-readobj", "--notes", file.toString())),
        symbols(run("llvm-readobj", "--dyn-symbols", file.toString())),
        instructions(run("llvm-objdump", "-d", "--mcpu=" + architecture, file.toString())));
  }

  private static Map<String, Map<String, String>> kernels(List<String> lines) {
    Map<String, Map<String, String>> kernels = new LinkedHashMap<>();
    Map<String, String> current = new LinkedHashMap<>();
    for (String line : lines) {
      if (line.startsWith("  - .")) {
        current = new LinkedHashMap<>();
      }
      Matcher note = NOTE.matcher(line);
      if (note.matches()) {
        current.put(note.group(1), note.group(2));
        if (note.group(1).equals("name")) {
          kernels.put(note.group(2), current);
        }
      }
    }
    return kernels;
  }

  private static List<String> symbols(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("    Name: "))
        .map(line -> line.substring("    Name: ".length()).split(" ")[0])
        .toList();
  }

  private static Map<String, List<Instruction>> instructions(List<String> lines) {
    Map<String, List<Instruction>> all = new LinkedHashMap<>();
    List<Instruction> current = new ArrayList<>();
    long start = 0;
    for (String line : lines) {
      Matcher header = HEADER.matcher(line);
      if (header.matches()) {
        start = Long.parseLong(header.group(1), 16);
        current = new ArrayList<>();
        all.put(header.group(2), current);
        continue;
      }
      Matcher instruction = LINE.matcher(line);
      if (instruction.matches()) {
        current.add(
            new Instruction(
                Long.parseLong(instruction.group(2), 16),
                instruction.group(1),
                target(line, start)));
      }
    }
    return all;
  }

  private static long target(String line, long start) {
    Matcher target = TARGET.matcher(line);
    if (!target.find()) {
      return -1;
    }
    return start + (target.group(1) == null ? 0 : Long.parseLong(target.group(1), 16));
  }

  private static Path tool(String name) {
    return LLVM.resolve("linux-x86_64").resolve(name);
  }

  private static List<String> run(String tool, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(Stream.of(tool(tool).toString()), Stream.of(arguments)).toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().readAllLines();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + String.join("\n", lines));
    }
    return lines;
  }
}
