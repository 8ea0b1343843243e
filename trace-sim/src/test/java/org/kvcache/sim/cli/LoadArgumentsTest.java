package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class LoadArgumentsTest {

  @Command
  private static final class Words {
    @Mixin private final LoadArguments load = new LoadArguments();
  }

  @TempDir private Path folder;
  private Trace halfARequestASecond;

  @BeforeEach
  void readTrace() throws Exception {
    halfARequestASecond = trace(1000, 2000, 7000);
  }

  private Trace trace(long... millis) throws Exception {
    var lines = new StringBuilder();
    for (long time : millis) {
      lines
          .append("{\"timestamp\":%d,\"input_length\":512,\"output_length\":1,".formatted(time))
          .append("\"hash_ids\":[0]}\n");
    }
    Path file = Files.writeString(folder.resolve("t.jsonl"), lines);
    try (var reader = TraceSource.open(file.toString(), 0)) {
      return Trace.load(reader, TraceOptions.ALL);
    }
  }

  private static LoadArguments arguments(String... words) {
    var command = new Words();
    new CommandLine(command).parseArgs(words);
    return command.load;
  }

  @ParameterizedTest
  @CsvSource({"1x, 1", "2, 2", "1.5x, 1.5", "1/s, 3", ".5 x, 0.5", "' 0.5/S ', 1.5"})
  void ratesAreTimesTheTracesOwnOrAbsolute(String rate, double speed) {
    Load load = arguments("--rate", rate).load(halfARequestASecond);
    assertThat(((Load.Recorded) load).speed()).isCloseTo(speed, within(1e-12));
  }

  @Test
  void defaultIsTheTracesOwnRate() {
    assertThat(arguments().rate(halfARequestASecond)).isCloseTo(1 / 3.0, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "x", "3/m", "1e3/s", "", "3/s/s", "NaN", "0.0x"})
  void ratesThatAreNone(String rate) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> arguments("--rate=" + rate).load(halfARequestASecond))
        .withMessageContaining("--rate '%s' is not understood; write 3/s", rate);
  }

  @Test
  void poissonNeedsNoTimesOfTheTrace() throws Exception {
    Trace still = trace(5, 5, 5);
    assertThat(arguments("--rate=3/s", "--arrivals=Poisson").load(still))
        .isEqualTo(new Load.Poisson(3));
    for (String rate : new String[] {"3/s", "2x"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> arguments("--rate=" + rate).load(still))
          .withMessageContaining("has no times that requests arrive at");
    }
  }

  @Test
  void usersInsteadOfARate() {
    assertThat(arguments("--users=4").load(halfARequestASecond))
        .isEqualTo(new Load.Closed(4, OptionalDouble.empty()));
    assertThat(arguments("--users=4", "--think=0.5").load(halfARequestASecond))
        .isEqualTo(new Load.Closed(4, OptionalDouble.of(0.5)));
    assertThat(arguments("--users=4").closed()).isTrue();
    assertThat(arguments().closed()).isFalse();
  }

  @Test
  void contradictions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> arguments("--users=4", "--rate=1x").load(halfARequestASecond))
        .withMessageContaining("give one of them");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> arguments("--think=4").load(halfARequestASecond))
        .withMessageContaining("give --users too");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> arguments("--users=0").load(halfARequestASecond))
        .withMessageContaining("at least 1");
  }
}
