package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.sim.trace.InMemoryTrace.Row;

class VllmEventsReaderTest {
  @TempDir Path directory;

  @Test
  void aStoredRunIsTheChainOfItsParentAndItself() throws IOException {
    var rows =
        read(
            "{\"ts\":1.5,\"events\":[{\"type\":\"BlockStored\",\"block_hashes\":[11,12],"
                + "\"parent_block_hash\":null,\"token_ids\":[1,2,3,4],\"block_size\":2,"
                + "\"lora_id\":null},{\"block_hashes\":[13],\"parent_block_hash\":12,"
                + "\"token_ids\":[5,6],\"block_size\":2,\"type\":\"BlockStored\"}]}",
            "{\"ts\":2,\"events\":[{\"type\":\"AllBlocksCleared\"},"
                + "{\"type\":\"BlockRemoved\",\"block_hashes\":[13]}]}",
            "{\"ts\":3,\"events\":[{\"type\":\"BlockStored\",\"block_hashes\":[14],"
                + "\"parent_block_hash\":11,\"token_ids\":[9,9],\"block_size\":2}]}");
    assertThat(rows)
        .extracting(Row::ids)
        .containsExactly(ids(11, 12), ids(11, 12, 13), ids(11, 14));
    assertThat(rows).extracting(Row::timeMillis).containsExactly(1500.0, 1500.0, 3000.0);
    assertThat(rows).extracting(Row::input).containsExactly(4, 6, 4);
  }

  @Test
  void arrayLikeStructsReadTheSame() throws IOException {
    var rows =
        read(
            "[1.5,[[\"BlockStored\",[11,12],null,[1,2,3,4],2,null,\"GPU\"],"
                + "[\"BlockRemoved\",[3],\"GPU\"],[\"AllBlocksCleared\"],"
                + "[\"BlockStored\",[13],12,[5,6],2,null,\"GPU\",\"adapter\",[[1]]]],0]");
    assertThat(rows).extracting(Row::ids).containsExactly(ids(11, 12), ids(11, 12, 13));
  }

  @Test
  void bareEventsStandOnLinesOfTheirOwn() throws IOException {
    var rows =
        read(
            "{\"type\":\"BlockStored\",\"ts\":4,\"block_hashes\":[1],\"block_size\":2}",
            "[\"BlockStored\",[2],1,[],2]");
    assertThat(rows).extracting(Row::ids).containsExactly(ids(1), ids(1, 2));
    assertThat(rows).extracting(Row::timeMillis).containsOnly(4000.0);
  }

  @Test
  void hexBase64AndIntegersNameTheSameBlock() throws IOException {
    var rows =
        read(
            stored("\"00000000000000000102030405060708\""),
            stored("\"0x0102030405060708\""),
            stored("\"AAAAAAAAAAABAgMEBQYHCA==\""),
            stored("72623859790382856"),
            stored("18446744073709551615"),
            stored("\"ffffffffffffffff\""));
    assertThat(rows.subList(0, 4)).extracting(Row::ids).containsOnly(ids(0x0102030405060708L));
    assertThat(rows.subList(4, 6)).extracting(Row::ids).containsOnly(ids(-1));
  }

  @Test
  void onlyTheDeviceCounts() throws IOException {
    var rows =
        read(
            "[1,[[\"BlockStored\",[1],null,[],2,null,\"CPU\"]]]",
            "[1,[[\"BlockStored\",[2],null,[],2,null,\"GPU\"]]]");
    assertThat(rows).extracting(Row::ids).containsExactly(ids(2));
  }

  @Test
  void anUnknownParentBecomesAFirstBlock() throws IOException {
    var rows = read("[1,[[\"BlockStored\",[8],7,[],2]]]", "[1,[[\"BlockStored\",[9],8,[],2]]]");
    assertThat(rows).extracting(Row::ids).containsExactly(ids(7, 8), ids(7, 8, 9));
  }

  @Test
  void blocksThatNameEachOtherAsParentDoNotLoop() throws IOException {
    var rows =
        read(
            "[1,[[\"BlockStored\",[1],2,[],2]]]",
            "[1,[[\"BlockStored\",[2],1,[],2]]]",
            "[1,[[\"BlockStored\",[3],2,[],2]]]");
    assertThat(rows).extracting(Row::ids).containsExactly(ids(2, 1), ids(2, 1, 2), ids(2, 3));
  }

  @Test
  void damagedEventsAreSentences() {
    assertFails("[1,[[\"BlockStored\",[1],null,[1,2,3],2]]]", ":1: field 'token_ids' has 3 tokens");
    assertFails("[1,[[\"BlockStored\",[1],null,[]]]]", ":1: field 'block_size' is missing");
    assertFails("[1,[[\"BlockStored\",[true],null,[],2]]]", "'block_hashes' is true; it must be a");
    assertFails("[1,[[\"BlockStored\",[\"%%\"],null,[],2]]]", "must be hexadecimal or base64");
    assertFails("{\"timestamp\":1}", ":1: the line is no KV event; each line must be one batch");
    assertFails("5", ":1: the line is no KV event; each line must be one batch");
    assertFails("[1,[7]]", "field 'events' is 7; it must hold KV events only");
    assertFails("{\"ts\":1,\"events\":5}", "field 'events' is 5; it must be a list of KV events");
    assertFails(
        "[2,[[\"BlockStored\",[1],null,[],2]]]\n[1,[[\"BlockStored\",[1],null,[],2]]]",
        ":2: field 'ts' is 1, earlier than 2 before it; sort the trace by ts");
    assertFails(
        "[2,[[\"BlockStored\",[1],null,[],2]]]\n[3,[[\"BlockStored\",[1],null,[],4]]]",
        "field 'block_size' is 4, but 2 before");
  }

  private void assertFails(String content, String expected) {
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> read(content))
        .withMessageContaining(expected);
  }

  private List<Row> read(String... lines) throws IOException {
    Path file = TraceFiles.write(directory, "e.jsonl", String.join("\n", lines) + "\n");
    return TraceFiles.rows("vllm-events:" + file);
  }

  private static String stored(String hash) {
    return "[1,[[\"BlockStored\",[" + hash + "],null,[],2]]]";
  }

  private static List<Long> ids(long... ids) {
    return Arrays.stream(ids).boxed().toList();
  }
}
