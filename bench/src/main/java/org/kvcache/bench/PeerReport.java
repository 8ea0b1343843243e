package org.kvcache.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Results as rows of a table and as a JSON document. */
final class PeerReport {

  private static final int SCHEMA_VERSION = 1;
  private static final double MILLION = 1e6;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final List<PeerResult> results = new ArrayList<>();

  static String head() {
    return format(
            "", "capacity", "", "hits", "hits", "hits", "M refs/s", "M refs/s", "M refs/s", "", "")
        + System.lineSeparator()
        + format(
            "trace",
            "blocks",
            "policy",
            "ours",
            "Caffeine",
            "ours +-",
            "interned",
            "hashed",
            "Caffeine",
            "interned/Caffeine",
            "hashed/Caffeine");
  }

  /** Adds a result and returns its row. */
  String add(PeerResult result) {
    results.add(result);
    boolean hashed = !result.ourHashedRates().isEmpty();
    return format(
        result.trace(),
        String.format(Locale.ROOT, "%,d", result.capacityBlocks()),
        result.policy(),
        String.format(Locale.ROOT, "%,d", result.ourHits()),
        String.format(Locale.ROOT, "%,d", result.peerHits()),
        difference(result),
        millions(result.ourRates()),
        hashed ? millions(result.ourHashedRates()) : "-",
        millions(result.peerRates()),
        result.ratio().toString(),
        hashed ? result.hashedRatio().toString() : "-");
  }

  private static String difference(PeerResult result) {
    if (result.ourHits() == result.peerHits()) {
      return "equal";
    }
    double share = (double) (result.ourHits() - result.peerHits()) / result.peerHits();
    return String.format(Locale.ROOT, "%+.2f %%", 100 * share);
  }

  private static String millions(List<Double> rates) {
    return String.format(Locale.ROOT, "%.1f", Spread.of(rates).median() / MILLION);
  }

  private static String format(String... cells) {
    return String.format(
            Locale.ROOT, "%-28s %10s %-10s %12s %12s %9s %8s %8s %8s  %-18s %s", (Object[]) cells)
        .stripTrailing();
  }

  /** What a reader of the table has to know. */
  List<String> notes() {
    var notes = new ArrayList<String>();
    notes.add(
        "Millions of references per second of CPU time, medians of the rounds; ratios round by"
            + " round, median (least-most).");
    notes.add(
        "interned: block ids are dense ints, as in 'simulate --flat'; hashed: 64-bit keys through"
            + " our hash index, as Caffeine's policies do with theirs.");
    results.stream()
        .map(result -> Pairing.of(result.policy()))
        .distinct()
        .filter(pairing -> !pairing.note().isEmpty())
        .forEach(pairing -> notes.add(pairing.label() + ": " + pairing.note() + "."));
    return notes;
  }

  /** One sentence for each result whose hits are not as alike as they should be. */
  List<String> disagreements() {
    return results.stream()
        .filter(result -> !result.hitsAgree())
        .map(result ->
            "%s on %s at %d blocks hits %d times, Caffeine's %d times: more apart than they may"
                .formatted(
                    result.policy(),
                    result.trace(),
                    result.capacityBlocks(),
                    result.ourHits(),
                    result.peerHits()))
        .toList();
  }

  /** The whole document. */
  String json(List<String> arguments, long seed) {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("schemaVersion", SCHEMA_VERSION);
    ArrayNode generatedBy = document.putArray("generatedBy");
    arguments.forEach(generatedBy::add);
    document.put("seed", seed);
    document.put("jdk", Runtime.version().toString());
    document.put("cores", Runtime.getRuntime().availableProcessors());
    document
        .putObject("units")
        .put("capacityBlocks", "blocks")
        .put("blockRefs", "blocks")
        .put("ourHits", "blocks")
        .put("peerHits", "blocks")
        .put("ourRates", "references per CPU second by round, ids interned")
        .put("ourHashedRates", "references per CPU second by round, 64-bit keys in a hash index")
        .put("peerRates", "references per CPU second by round, Caffeine simulator")
        .put("ratio", "ourRates over peerRates, median of the rounds");
    ArrayNode rows = document.putArray("results");
    for (PeerResult result : results) {
      ObjectNode row = MAPPER.valueToTree(result);
      row.put("ratio", result.ratio().median());
      rows.add(row);
    }
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }
}
