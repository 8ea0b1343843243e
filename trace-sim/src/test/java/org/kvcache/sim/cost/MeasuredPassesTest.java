package org.kvcache.sim.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.cost.MeasuredPass.Phase;
import org.kvcache.sim.cost.MeasuredPass.Shape;

class MeasuredPassesTest {
  private static final String HEADER = "phase,batch,new_tokens,context,ms\n";

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("passes.csv"), text);
  }

  @Test
  void columnsAreFoundByNameAndOthersPassedOver() throws IOException {
    Path file =
        file(
            """
            \uFEFF# measured on a Monday
            MS,"note, if any",Context,phase,new_tokens,batch

            12.5,"a ""fine"" run",0,prefill,512,2
            # the cache was warm from here on
            7,,4096,Decode,,16
            "8e0",x, 4096 ,decode,4,1
            """);
    assertThat(MeasuredPasses.read(file))
        .containsExactly(
            new MeasuredPass(4, new Shape(Phase.PREFILL, 2, 512, 0), 0.0125),
            new MeasuredPass(6, new Shape(Phase.DECODE, 16, 1, 4096), 0.007),
            new MeasuredPass(7, new Shape(Phase.DECODE, 1, 4, 4096), 0.008));
  }

  @Test
  void decodeAloneNeedsNoNewTokens() throws IOException {
    assertThat(MeasuredPasses.read(file("phase,batch,context,ms\r\ndecode,8,100,5\r\n")))
        .containsExactly(new MeasuredPass(2, new Shape(Phase.DECODE, 8, 1, 100), 0.005));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fill,1,1,0,5       | field 'phase' is 'fill'; it must be prefill or decode",
        ",1,1,0,5           | field 'phase' is missing; it must be prefill or decode",
        "decode,0,1,0,5     | field 'batch' is '0'; it must be a whole number from 1 to 2147483647",
        "decode,1.5,1,0,5   | field 'batch' is '1.5'; it must be a whole number from 1",
        "prefill,1,,0,5     | field 'new_tokens' is missing; it must be a whole number from 1",
        "prefill,1,0,0,5    | field 'new_tokens' is '0'; it must be a whole number from 1",
        "decode,1,1,-1,5    | field 'context' is '-1'; it must be a whole number from 0",
        "decode,1,1,9999999999,5 | field 'context' is '9999999999'; it must be a whole number",
        "decode,1,1,0       | field 'ms' is missing; it must be a number of milliseconds above 0",
        "decode,1,1,0,0     | field 'ms' is '0'; it must be a number of milliseconds above 0",
        "decode,1,1,0,-3    | field 'ms' is '-3'; it must be a number",
        "decode,1,1,0,NaN   | field 'ms' is 'NaN'; it must be a number",
        "decode,1,1,0,1e999 | field 'ms' is '1e999'; it must be a number",
        "decode,1,1,0,5 ms  | field 'ms' is '5 ms'; it must be a number",
      })
  void badRowsAreOneSentence(String row, String sentence) throws IOException {
    Path file = file("# made up\n" + HEADER + "decode,1,1,0,5\n" + row + "\n");
    assertThatThrownBy(() -> MeasuredPasses.read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file + ":4: " + sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "phase,batch,context    | the header has no column 'ms' but phase, batch, context; name"
            + " one",
        "decode,8,100,5         | the header has no column 'phase' but decode, 8, 100, 5",
        "ms,phase,batch,ms      | the header names 'ms' twice; leave one of them",
      })
  void badHeadersAreOneSentence(String header, String sentence) throws IOException {
    Path file = file(header + "\n");
    assertThatThrownBy(() -> MeasuredPasses.read(file))
        .hasMessageStartingWith(file + ":1: " + sentence);
  }

  @Test
  void filesThatCannotBeReadAreNamed() throws IOException {
    assertThatThrownBy(() -> MeasuredPasses.read(file("# nothing\n")))
        .hasMessageContaining("passes.csv: is empty; write a header with phase, batch, context");
    assertThatThrownBy(() -> MeasuredPasses.read(folder.resolve("none.csv")))
        .hasMessageContaining("none.csv: there is no such file; give a CSV of measured passes");
    assertThatThrownBy(() -> MeasuredPasses.read(folder))
        .hasMessageEndingWith("is a directory; name one file in it");
    Path latin = folder.resolve("latin.csv");
    Files.write(latin, (HEADER + "d\u00e9code,1").getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> MeasuredPasses.read(latin))
        .hasMessageContaining("cannot be read (it is not UTF-8); give plain CSV in UTF-8");
    Path quotes = file(HEADER + "\"decode\"x,1,1,0,5\n");
    assertThatThrownBy(() -> MeasuredPasses.read(quotes))
        .hasMessageContaining("cannot be read (")
        .hasMessageContaining("line");
  }
}
