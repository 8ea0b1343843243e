package org.kvcache.kernels.device;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The structs of {@code simt/abi.h}: their layouts, and where each field lies. Pointers are device
 * addresses and hence numbers here. What fields mean stands in {@code abi.h}.
 */
final class Abi {

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private Abi() {}

  /** Encoded blocks of one layer. */
  static final class Blocks {
    static final StructLayout LAYOUT =
        struct(
            "BlockLayout",
            longs("base", "slotBytes", "headBytes"),
            ints("keyScales", "valueCodes", "valueScales", "blockTokens"));
    static final long BASE = offset(LAYOUT, "base");
    static final long SLOT_BYTES = offset(LAYOUT, "slotBytes");
    static final long HEAD_BYTES = offset(LAYOUT, "headBytes");
    static final long KEY_SCALES = offset(LAYOUT, "keyScales");
    static final long VALUE_CODES = offset(LAYOUT, "valueCodes");
    static final long VALUE_SCALES = offset(LAYOUT, "valueScales");
    static final long BLOCK_TOKENS = offset(LAYOUT, "blockTokens");

    private Blocks() {}
  }

  /** Of the store kernels. */
  static final class Store {
    static final StructLayout LAYOUT =
        struct(
            "StoreArgs",
            List.of(Blocks.LAYOUT.withName("kv")),
            longs("keys", "values", "places", "keyMean", "keyDivide", "valueUnit", "tokenStride"),
            ints("tokens", "kvHeads", "rows", "rule", "rotate", "reserved"));
    static final long KEYS = offset(LAYOUT, "keys");
    static final long VALUES = offset(LAYOUT, "values");
    static final long PLACES = offset(LAYOUT, "places");
    static final long KEY_MEAN = offset(LAYOUT, "keyMean");
    static final long KEY_DIVIDE = offset(LAYOUT, "keyDivide");
    static final long VALUE_UNIT = offset(LAYOUT, "valueUnit");
    static final long TOKEN_STRIDE = offset(LAYOUT, "tokenStride");
    static final long TOKENS = offset(LAYOUT, "tokens");
    static final long KV_HEADS = offset(LAYOUT, "kvHeads");
    static final long ROWS = offset(LAYOUT, "rows");
    static final long RULE = offset(LAYOUT, "rule");
    static final long ROTATE = offset(LAYOUT, "rotate");

    private Store() {}
  }

  /** Of the attention kernels. */
  static final class Attend {
    static final StructLayout LAYOUT =
        struct(
            "AttendArgs",
            List.of(Blocks.LAYOUT.withName("kv")),
            longs("table", "lengths", "q", "queryFactor", "keyMean", "valueUnit", "freshKeys"),
            longs("freshValues", "out", "lse", "partial", "arrived", "tableStride"),
            ints("tableHeadStride", "lengthStride", "lengthHeadStride", "kvHeads", "group"),
            ints("queryTokens", "queries", "fresh", "freshTokens", "freshStride", "mask", "sinks"),
            ints("window", "rotate"),
            List.of(FLOAT.withName("logitScale")),
            ints("reserved"));
    static final long TABLE = offset(LAYOUT, "table");
    static final long LENGTHS = offset(LAYOUT, "lengths");
    static final long Q = offset(LAYOUT, "q");
    static final long QUERY_FACTOR = offset(LAYOUT, "queryFactor");
    static final long KEY_MEAN = offset(LAYOUT, "keyMean");
    static final long VALUE_UNIT = offset(LAYOUT, "valueUnit");
    static final long FRESH_KEYS = offset(LAYOUT, "freshKeys");
    static final long FRESH_VALUES = offset(LAYOUT, "freshValues");
    static final long OUT = offset(LAYOUT, "out");
    static final long LSE = offset(LAYOUT, "lse");
    static final long PARTIAL = offset(LAYOUT, "partial");
    static final long ARRIVED = offset(LAYOUT, "arrived");
    static final long TABLE_STRIDE = offset(LAYOUT, "tableStride");
    static final long TABLE_HEAD_STRIDE = offset(LAYOUT, "tableHeadStride");
    static final long LENGTH_STRIDE = offset(LAYOUT, "lengthStride");
    static final long LENGTH_HEAD_STRIDE = offset(LAYOUT, "lengthHeadStride");
    static final long KV_HEADS = offset(LAYOUT, "kvHeads");
    static final long GROUP = offset(LAYOUT, "group");
    static final long QUERY_TOKENS = offset(LAYOUT, "queryTokens");
    static final long QUERIES = offset(LAYOUT, "queries");
    static final long FRESH = offset(LAYOUT, "fresh");
    static final long FRESH_TOKENS = offset(LAYOUT, "freshTokens");
    static final long FRESH_STRIDE = offset(LAYOUT, "freshStride");
    static final long MASK = offset(LAYOUT, "mask");
    static final long SINKS = offset(LAYOUT, "sinks");
    static final long WINDOW = offset(LAYOUT, "window");
    static final long ROTATE = offset(LAYOUT, "rotate");
    static final long LOGIT_SCALE = offset(LAYOUT, "logitScale");

    private Attend() {}
  }

  /** Of the score kernels. */
  static final class Score {
    static final StructLayout LAYOUT =
        struct(
            "ScoreArgs",
            List.of(Blocks.LAYOUT.withName("kv")),
            longs("table", "lengths", "q", "queryFactor", "logits", "stats", "tableStride"),
            longs("logitStride"),
            ints("tableHeadStride", "lengthStride", "lengthHeadStride", "kvHeads", "group"),
            ints("queryTokens", "queries", "rotate"),
            List.of(FLOAT.withName("logitScale")),
            ints("reserved"));
    static final long TABLE = offset(LAYOUT, "table");
    static final long LENGTHS = offset(LAYOUT, "lengths");
    static final long Q = offset(LAYOUT, "q");
    static final long QUERY_FACTOR = offset(LAYOUT, "queryFactor");
    static final long LOGITS = offset(LAYOUT, "logits");
    static final long STATS = offset(LAYOUT, "stats");
    static final long TABLE_STRIDE = offset(LAYOUT, "tableStride");
    static final long LOGIT_STRIDE = offset(LAYOUT, "logitStride");
    static final long TABLE_HEAD_STRIDE = offset(LAYOUT, "tableHeadStride");
    static final long LENGTH_STRIDE = offset(LAYOUT, "lengthStride");
    static final long LENGTH_HEAD_STRIDE = offset(LAYOUT, "lengthHeadStride");
    static final long KV_HEADS = offset(LAYOUT, "kvHeads");
    static final long GROUP = offset(LAYOUT, "group");
    static final long QUERY_TOKENS = offset(LAYOUT, "queryTokens");
    static final long QUERIES = offset(LAYOUT, "queries");
    static final long ROTATE = offset(LAYOUT, "rotate");
    static final long LOGIT_SCALE = offset(LAYOUT, "logitScale");

    private Score() {}
  }

  /** Of {@code kvcache_mass}. */
  static final class Mass {
    static final StructLayout LAYOUT =
        struct(
            "MassArgs",
            longs("logits", "stats", "lengths", "mass", "logitStride", "massStride"),
            ints("lengthStride", "lengthHeadStride", "kvHeads", "rows", "splits", "pageTokens"),
            ints("pages", "reserved"));
    static final long LOGITS = offset(LAYOUT, "logits");
    static final long STATS = offset(LAYOUT, "stats");
    static final long LENGTHS = offset(LAYOUT, "lengths");
    static final long MASS = offset(LAYOUT, "mass");
    static final long LOGIT_STRIDE = offset(LAYOUT, "logitStride");
    static final long MASS_STRIDE = offset(LAYOUT, "massStride");
    static final long LENGTH_STRIDE = offset(LAYOUT, "lengthStride");
    static final long LENGTH_HEAD_STRIDE = offset(LAYOUT, "lengthHeadStride");
    static final long KV_HEADS = offset(LAYOUT, "kvHeads");
    static final long ROWS = offset(LAYOUT, "rows");
    static final long SPLITS = offset(LAYOUT, "splits");
    static final long PAGE_TOKENS = offset(LAYOUT, "pageTokens");
    static final long PAGES = offset(LAYOUT, "pages");

    private Mass() {}
  }

  /** Of {@code kvcache_topk}. */
  static final class TopK {
    static final StructLayout LAYOUT =
        struct("TopKArgs", longs("values", "counts", "indices", "stride"), ints("count", "k"));
    static final long VALUES = offset(LAYOUT, "values");
    static final long COUNTS = offset(LAYOUT, "counts");
    static final long INDICES = offset(LAYOUT, "indices");
    static final long STRIDE = offset(LAYOUT, "stride");
    static final long COUNT = offset(LAYOUT, "count");
    static final long K = offset(LAYOUT, "k");

    private TopK() {}
  }

  /** Of {@code kvcache_copy}. */
  static final class Copy {
    static final StructLayout LAYOUT =
        struct(
            "CopyArgs",
            longs("source", "target", "from", "to", "sourceStride", "targetStride", "bytes"));
    static final long SOURCE = offset(LAYOUT, "source");
    static final long TARGET = offset(LAYOUT, "target");
    static final long FROM = offset(LAYOUT, "from");
    static final long TO = offset(LAYOUT, "to");
    static final long SOURCE_STRIDE = offset(LAYOUT, "sourceStride");
    static final long TARGET_STRIDE = offset(LAYOUT, "targetStride");
    static final long BYTES = offset(LAYOUT, "bytes");

    private Copy() {}
  }

  /** A zeroed argument of that layout; reclaimed with the object that holds it. */
  static MemorySegment newArguments(StructLayout layout) {
    return Arena.ofAuto().allocate(layout);
  }

  static void set(MemorySegment arguments, long field, long value) {
    arguments.set(LONG, field, value);
  }

  static void set(MemorySegment arguments, long field, int value) {
    arguments.set(INT, field, value);
  }

  static void set(MemorySegment arguments, long field, float value) {
    arguments.set(FLOAT, field, value);
  }

  private static List<MemoryLayout> longs(String... names) {
    return fields(LONG, names);
  }

  private static List<MemoryLayout> ints(String... names) {
    return fields(INT, names);
  }

  private static List<MemoryLayout> fields(ValueLayout type, String... names) {
    var fields = new ArrayList<MemoryLayout>();
    for (String name : names) {
      fields.add(type.withName(name));
    }
    return fields;
  }

  @SafeVarargs
  private static StructLayout struct(String name, List<? extends MemoryLayout>... fields) {
    var all = new ArrayList<MemoryLayout>();
    for (List<? extends MemoryLayout> some : fields) {
      all.addAll(some);
    }
    return MemoryLayout.structLayout(all.toArray(MemoryLayout[]::new)).withName(name);
  }

  private static long offset(StructLayout layout, String field) {
    return layout.byteOffset(groupElement(field));
  }
}
