package org.kvcache.sim.trace;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Opens whatever the user names as a trace. A specification is one of
 *
 * <ul>
 *   <li>{@code FILE}: format and compression are told by the content, tokens per block by {@code
 *       hash_block_size} in the first record, a {@code b64} or {@code blksz_16} in the name, or the
 *       format's default;
 *   <li>{@code FORMAT:FILE} or {@code FORMAT,key=value,…:FILE}: the format is as said. {@code
 *       block=N} sets the tokens per block, but for events, which state it; csv also knows {@code
 *       time-col}, {@code obj-id-col}, {@code delimiter} and {@code has-header}; {@code auto}
 *       detects the format;
 *   <li>a generator, {@code NAME} or {@code NAME:key=value,…}: see {@link #generators}.
 * </ul>
 *
 * <p>A known format or generator before the first colon wins over a file of that name; write {@code
 * ./NAME} for the file. Thread-safe; the readers are not.
 */
public final class TraceSource {
  private TraceSource() {}

  /**
   * A generator and its help.
   *
   * @param name the name before the colon
   * @param summary one line on what it makes and its parameters with their defaults
   */
  public record GeneratorInfo(String name, String summary) {}

  /**
   * Opens a trace.
   *
   * @param specification file, format and file, or generator, as described above
   * @param seed seed of generated traces; files ignore it
   * @return a reader, to be closed by the caller
   * @throws TraceException if there is no such file, format, generator or parameter
   */
  public static TraceReader open(String specification, long seed) {
    int colon = specification.indexOf(':');
    String head = (colon < 0) ? specification : specification.substring(0, colon);
    String rest = (colon < 0) ? "" : specification.substring(colon + 1);
    Optional<Generator> generator = Generator.of(head);
    if (generator.isPresent()) {
      var parameters = new Parameters(head, rest);
      Workload workload = generator.get().create(parameters, seed);
      parameters.end();
      return new GeneratedTrace(specification, workload);
    }
    int comma = head.indexOf(',');
    String label = (comma < 0) ? head : head.substring(0, comma);
    Optional<TraceFormat> format = TraceFormat.ofLabel(label);
    if (colon >= 0 && (format.isPresent() || label.equals("auto"))) {
      String options = (comma < 0) ? "" : head.substring(comma + 1);
      return openFile(path(rest), format, new Parameters(label, options));
    }
    return openFile(path(specification), Optional.empty(), new Parameters("auto", ""));
  }

  /** The generators, for help texts. */
  public static List<GeneratorInfo> generators() {
    return Generator.infos();
  }

  private static TraceReader openFile(Path file, Optional<TraceFormat> forced, Parameters options) {
    TraceInput input = TraceInput.open(file);
    try {
      byte[] head = peek(file, input);
      var sniffer = new FormatSniffer(file, head);
      TraceFormat format = forced.orElseGet(sniffer::format);
      boolean states = format == TraceFormat.VLLM_EVENTS;
      int block = states ? 0 : blockTokens(file, format, sniffer, options);
      TraceReader reader =
          switch (format) {
            case VLLM_EVENTS -> new VllmEventsReader(file, input);
            case MOONCAKE, RUNS -> new MooncakeReader(file, input, block);
            case BAILIAN -> new BailianReader(file, input, block);
            case ORACLE_GENERAL -> new OracleGeneralReader(file, input, block);
            case TXT -> new TxtReader(file, input, block);
            case CSV -> new CsvReader(file, input, block, options);
            case AZURE -> new AzureReader(file, input, block);
          };
      options.end();
      return reader;
    } catch (RuntimeException e) {
      close(input);
      throw e;
    }
  }

  private static byte[] peek(Path file, TraceInput input) {
    try {
      byte[] head = input.peek();
      if (head.length == 0) {
        throw new TraceException(file + ": the file is empty; check how it was made or copied");
      }
      return head;
    } catch (IOException e) {
      throw TraceException.at(
          file.toString(), 1, e.getMessage() + "; copy or download the file again", e);
    }
  }

  private static int blockTokens(
      Path file, TraceFormat format, FormatSniffer sniffer, Parameters options) {
    OptionalInt asked = options.wholeOrAuto("block", 1, 1 << 24);
    if (asked.isPresent() || format.flat()) {
      return asked.orElse(format.blockTokens());
    }
    int stated = sniffer.statedBlockTokens();
    return (stated > 0)
        ? stated
        : FileNames.blockTokens(String.valueOf(file.getFileName())).orElse(format.blockTokens());
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TraceException(text + ": is not a file name (" + e.getReason() + ")", e);
    }
  }

  private static void close(TraceInput input) {
    try {
      input.close();
    } catch (IOException ignored) {
      // Only reading fails in ways that matter, and that was reported.
    }
  }
}
