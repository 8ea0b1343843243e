package org.kvcache.offload.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkTest {

  @ParameterizedTest
  @CsvSource({
    "25GB/s, 25e9, 0",
    "25GB/s+10us, 25e9, 10000",
    "512 MiB/s+2.5ms, 536870912, 2500000",
    "1B/s+7ns, 1, 7"
  })
  void bandwidthAndLatencyAreRead(String options, double bytesPerSecond, long nanos) {
    assertThat(Link.parse(options)).isEqualTo(new Link(bytesPerSecond, nanos));
  }

  @Test
  void withoutOptionsTransfersTakeNoTime() {
    assertThat(Link.parse("").nanos(1L << 40)).isZero();
  }

  @Test
  void aTransferTakesItsLatencyAndTheTimeOfItsBytes() {
    assertThat(Link.parse("25GB/s+10us").nanos(25_000)).isEqualTo(11_000);
    assertThat(Link.parse("2GB/s").nanos(3)).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fast",
        "25GB",
        "0GB/s",
        "25GB/s+10",
        "25GB/s+us",
        "25GB/s+10us+1",
        "-1GB/s",
        "/s"
      })
  void whatIsNoLinkIsRefusedWithAnExample(String options) {
    assertThatThrownBy(() -> Link.parse(options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "device host: '%s' is no link; give bytes a second and, if wanted, the time that each"
                    .formatted(options)
                + " transfer takes beside them, as in host:25GB/s or host:25GB/s+10us");
  }
}
