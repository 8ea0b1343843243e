package org.kvcache.sim.trace;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The file formats that can be read and, but for {@link #AZURE}, written. What a format has no
 * field for is lost on writing; blocks, their order and their prefixes are kept by all but the flat
 * formats.
 */
public enum TraceFormat {
  /** Mooncake: one JSON object a line, {@code hash_ids} is the chain, times in milliseconds. */
  MOONCAKE("mooncake", 512),
  /** As Mooncake, with {@code hash_runs} = [start, count, …] for the chain. */
  RUNS("runs", 512),
  /**
   * qwen-bailian-usagetraces-anon: JSON lines, times in seconds, turns linked by {@code
   * parent_chat_id}. A request without a session becomes a session of one turn.
   */
  BAILIAN("bailian", 16),
  /** libCacheSim oracleGeneral: 24-byte records of a plain key stream, times in whole seconds. */
  ORACLE_GENERAL("oracleGeneral", 1),
  /** libCacheSim csv: {@code time,obj_id,size}, a plain key stream, times in seconds. */
  CSV("csv", 1),
  /** libCacheSim txt: one id a line, a plain key stream without times. */
  TXT("txt", 1),
  /**
   * vLLM KV events as JSON lines: what a cache stored, not what was asked of it. Prefixes, branches
   * and recomputation show; reuse that stored nothing does not, so hit rates are lower bounds.
   * There are no sessions and no output lengths, and prompts are whole blocks.
   */
  VLLM_EVENTS("vllm-events", 16),
  /**
   * Azure LLM inference traces: csv with {@code TIMESTAMP,ContextTokens,GeneratedTokens}. Arrivals
   * and lengths are real, but there are no block ids and no sessions: each request gets blocks of
   * its own, so that hit rates are 0 whatever the cache, and memory grows with every request. Only
   * read.
   */
  AZURE("azure", 512);

  private final String label;
  private final int blockTokens;

  TraceFormat(String label, int blockTokens) {
    this.label = label;
    this.blockTokens = blockTokens;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /** Tokens per block if the file does not say. */
  public int blockTokens() {
    return blockTokens;
  }

  /** Whether the format is a plain key stream, without chains. */
  public boolean flat() {
    return this == ORACLE_GENERAL || this == CSV || this == TXT;
  }

  /** Whether the format can be written, not only read. */
  public boolean writable() {
    return this != AZURE;
  }

  /**
   * Checks that the format can be written.
   *
   * @throws TraceException saying why it cannot, and what can
   */
  public void requireWritable() {
    if (!writable()) {
      throw new TraceException(
          label
              + " is a format without block ids, so writing it would lose which prompts share a"
              + " prefix; write one of "
              + writableLabels());
    }
  }

  /** All labels, for messages. */
  public static String labels() {
    return Arrays.stream(values()).map(TraceFormat::label).collect(Collectors.joining(", "));
  }

  /** The labels of the formats that can be written, for messages. */
  public static String writableLabels() {
    return Arrays.stream(values())
        .filter(TraceFormat::writable)
        .map(TraceFormat::label)
        .collect(Collectors.joining(", "));
  }

  /** The format of that label, whatever its case. */
  public static Optional<TraceFormat> ofLabel(String label) {
    return Arrays.stream(values()).filter(f -> f.label.equalsIgnoreCase(label)).findFirst();
  }

  /** The format a file name suggests; compression suffixes are ignored. */
  public static Optional<TraceFormat> ofFileName(String fileName) {
    String name = FileNames.withoutCompression(fileName).toLowerCase(Locale.ROOT);
    if (name.endsWith(".runs.jsonl") || name.endsWith(".runs.json")) {
      return Optional.of(RUNS);
    } else if (name.endsWith(".events.jsonl")) {
      return Optional.of(VLLM_EVENTS);
    } else if (name.endsWith(".jsonl") || name.endsWith(".json")) {
      return Optional.of(name.contains("blksz") ? BAILIAN : MOONCAKE);
    } else if (name.endsWith(".csv")) {
      return Optional.of(CSV);
    } else if (name.endsWith(".txt")) {
      return Optional.of(TXT);
    } else if (name.endsWith(".oraclegeneral") || name.endsWith(".oraclegeneral.bin")) {
      return Optional.of(ORACLE_GENERAL);
    }
    return Optional.empty();
  }
}
