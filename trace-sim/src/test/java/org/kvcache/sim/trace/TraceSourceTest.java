package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.sim.trace.InMemoryTrace.Row;

class TraceSourceTest {
  /** {@code printf '1,7,1\n1.5,8,1\n' | zstd -19}, then a second frame of {@code '2,7,1\n'}. */
  private static final String ZSTD_COMMAND_OUTPUT =
      "KLUv/QRocQAAMSw3LDEKMS41LDgsMQom8F7YKLUv/QRoMQAAMiw3LDEKRV6BIQ==";

  @TempDir Path directory;

  @Test
  void formatIsToldByContentWhateverTheName() throws IOException {
    assertThat(TraceFiles.rows(TraceFiles.write(directory, "a", TraceFiles.LINE))).hasSize(1);
    assertThat(TraceFiles.rows(TraceFiles.write(directory, "b", "5\n6\n"))).hasSize(2);
    assertThat(TraceFiles.rows(TraceFiles.write(directory, "c", "0,5,1\n"))).hasSize(1);
    Path binary = directory.resolve("d");
    Files.write(binary, new byte[48]);
    assertThat(TraceFiles.rows(binary)).hasSize(2);
  }

  @Test
  void aForcedFormatWinsOverTheName() throws IOException {
    Path file = TraceFiles.write(directory, "odd.csv", "5\n6\n");
    assertThat(TraceFiles.rows("txt:" + file)).hasSize(2);
  }

  @Test
  void tokensPerBlockComeFromOptionFieldNameOrDefault() throws IOException {
    String stated = TraceFiles.LINE.replace("{", "{\"hash_block_size\":600,");
    Path plain = TraceFiles.write(directory, "t.jsonl", TraceFiles.LINE);
    Path named = TraceFiles.write(directory, "t_b2048.jsonl", TraceFiles.LINE);
    Path field = TraceFiles.write(directory, "s_b2048.jsonl", stated);
    assertThat(TraceFiles.blockTokens(plain.toString())).isEqualTo(512);
    assertThat(TraceFiles.blockTokens(named.toString())).isEqualTo(2048);
    assertThat(TraceFiles.blockTokens(field.toString())).isEqualTo(600);
    assertThat(TraceFiles.blockTokens("mooncake,block=700:" + plain)).isEqualTo(700);
    assertThat(TraceFiles.blockTokens("auto,block=700:" + named)).isEqualTo(700);
  }

  @Test
  void readsWhatTheZstdCommandWrites() throws IOException {
    Path file = directory.resolve("t.csv.zst");
    Files.write(file, Base64.getDecoder().decode(ZSTD_COMMAND_OUTPUT));
    assertThat(TraceFiles.rows(file)).extracting(Row::timeMillis).containsExactly(1e3, 1500.0, 2e3);
  }

  @Test
  void gzipMembersAreReadOnEndAndCompressionIsToldByContent() throws IOException {
    byte[] member = TraceFiles.gzip(TraceFiles.LINE);
    Path file = directory.resolve("misnamed.jsonl");
    Files.write(file, ByteBuffer.allocate(member.length * 2).put(member).put(member).array());
    assertThat(TraceFiles.rows(file)).hasSize(2);
  }

  @Test
  void carriageReturnsBlankLinesAndExtraFieldsAreFine() throws IOException {
    String odd = TraceFiles.LINE.replace("{", "{\"model\":{\"x\":[1,{}]},\"y\":null,");
    Path file = TraceFiles.write(directory, "t.jsonl", odd.replace("\n", "\r\n\r\n").repeat(2));
    assertThat(TraceFiles.rows(file)).hasSize(2);
  }

  @Test
  void sessionsMayBeNumbersOrTextOrAbsent() throws IOException {
    var lines = new StringBuilder();
    for (String session : new String[] {"7", "\"a\"", "null", "7", "\"a\"", "-9"}) {
      lines.append(TraceFiles.LINE.replace("{", "{\"turn\":2,\"session\":" + session + ","));
    }
    Path file = TraceFiles.write(directory, "t.jsonl", lines.toString());
    assertThat(TraceFiles.rows(file))
        .extracting(Row::session)
        .containsExactly(0, 1, Request.NONE, 0, 1, 2);
    assertThat(TraceFiles.rows(file)).extracting(Row::turn).containsOnly(2);
  }

  @Test
  void bailianSessionsFollowTheLinksAndTimesAreSeconds() throws IOException {
    var lines = new StringBuilder();
    int[][] links = {{10, -1}, {11, -1}, {12, 10}, {13, 12}, {14, 99}, {15, 99}, {16, 14}};
    for (int[] link : links) {
      lines.append(
          ("{\"chat_id\":%d,\"parent_chat_id\":%d,\"timestamp\":61.114,\"input_length\":20,"
                  + "\"output_length\":9,\"type\":\"text\",\"turn\":2,\"hash_ids\":[5,6]}\n")
              .formatted(link[0], link[1]));
    }
    Path file = TraceFiles.write(directory, "qwen_traceA_blksz_16.jsonl", lines.toString());
    assertThat(TraceFiles.blockTokens(file.toString())).isEqualTo(16);
    var rows = TraceFiles.rows(file);
    assertThat(rows).extracting(Row::session).containsExactly(0, 1, 0, 0, 2, 2, 2);
    assertThat(rows).extracting(Row::timeMillis).containsOnly(61_114.0);
    assertThat(rows).extracting(Row::turn).containsOnly(1);
  }

  @Test
  void oracleGeneralIdsMayUseAll64Bits() throws IOException {
    var bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(-1).putLong(-5L).putInt(100).putLong(-1);
    Path file = directory.resolve("t.oracleGeneral.bin");
    Files.write(file, bytes.array());
    assertThat(TraceFiles.rows(file))
        .containsExactly(new Row(4294967295e3, 1, 0, -1, -1, List.of(-5L)));
  }

  @Test
  void csvColumnsAreFoundByHeaderOrOption() throws IOException {
    Path header = TraceFiles.write(directory, "h.csv", "size,\"obj_id\", time\n9,\"5\",1.25\n");
    assertThat(TraceFiles.rows(header)).containsExactly(new Row(1250, 1, 0, -1, -1, List.of(5L)));
    Path semicolons = TraceFiles.write(directory, "s.csv", "5;x;3\n6;y;4\n");
    assertThat(TraceFiles.rows("csv,delimiter=semicolon,obj-id-col=1,time-col=3:" + semicolons))
        .extracting(Row::timeMillis)
        .containsExactly(3e3, 4e3);
    Path untimed = TraceFiles.write(directory, "u.csv", "a,b\n4,5\n");
    assertThat(TraceFiles.rows("csv,time-col=0,obj-id-col=2,has-header=true:" + untimed))
        .containsExactly(new Row(0, 1, 0, -1, -1, List.of(5L)));
  }

  @Test
  void unknownParametersListTheKnownOnes() throws IOException {
    Path file = TraceFiles.write(directory, "t.csv", "1,2,3\n");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("csv,idcol=2:" + file))
        .withMessageStartingWith(
            "csv: unknown parameter 'idcol'; it knows block=auto, time-col=auto,");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("docqa:document=2"))
        .withMessageStartingWith("docqa: unknown parameter 'document'; it knows mode=zipf,");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("docqa:mode=cyclic"))
        .withMessage(
            "docqa: parameter 'mode' is 'cyclic'; it must be one of random, tile, interleave,"
                + " zipf, hot, shift");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("docqa:documents=many"))
        .withMessageContaining("'documents' is 'many'; it must be a whole number from 1 to");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("docqa:alpha"))
        .withMessageContaining("write key=value, separated by commas");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("docqa:alpha=1,alpha=2"))
        .withMessageContaining("given twice");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("docqa:partial=maybe"))
        .withMessageContaining("it must be true or false");
    assertThatExceptionOfType(TraceException.class)
        .isThrownBy(() -> TraceFiles.rows("csv,delimiter=ab:" + file))
        .withMessageContaining("comma, tab, semicolon, space or one character");
  }

  @Test
  void namesLoseTheirSuffixes() {
    assertThat(FileNames.stem("agentic_b64.runs.jsonl.gz")).isEqualTo("agentic_b64");
    assertThat(FileNames.stem("w01.oracleGeneral.bin.zst")).isEqualTo("w01");
    assertThat(FileNames.stem("w01.oracleGeneral")).isEqualTo("w01");
    assertThat(FileNames.stem("plain")).isEqualTo("plain");
    assertThat(FileNames.stem(".gz")).isEqualTo(".gz");
  }

  @Test
  void fileNamesSuggestFormats() {
    assertThat(TraceFormat.ofFileName("a.runs.jsonl.gz")).contains(TraceFormat.RUNS);
    assertThat(TraceFormat.ofFileName("a.jsonl")).contains(TraceFormat.MOONCAKE);
    assertThat(TraceFormat.ofFileName("a.events.jsonl")).contains(TraceFormat.VLLM_EVENTS);
    assertThat(TraceFormat.ofFileName("a.CSV.ZST")).contains(TraceFormat.CSV);
    assertThat(TraceFormat.ofFileName("a.oracleGeneral.zst")).contains(TraceFormat.ORACLE_GENERAL);
    assertThat(TraceFormat.ofFileName("a.parquet")).isEmpty();
    for (TraceFormat format : TraceFormat.values()) {
      assertThat(TraceFormat.ofLabel(format.label())).contains(format);
    }
  }
}
