package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.spi.TierProvider;
import org.kvcache.spi.TierSpec.StoreWhen;

class RedisTierProviderTest {

  private static final String URI = "redis://127.0.0.1:6379";

  private final TierProvider provider = TierProvider.named("redis");

  @Test
  void serverIsEnough() {
    var spec = provider.spec(Map.of("uri", URI));

    assertThat(spec.name()).isEqualTo("redis");
    assertThat(spec.when()).isEqualTo(StoreWhen.COMMITTED);
  }

  @Test
  void everyFieldIsTaken() {
    var spec =
        provider.spec(
            Map.of(
                "uri", URI + ", redis://127.0.0.1:6380",
                "cluster", "true",
                "timeout", "250ms",
                "ttl", "12h",
                "retry", "5 s",
                "batch", "16MiB",
                "prefix", "mine:",
                "when", "evicted"));

    assertThat(spec.when()).isEqualTo(StoreWhen.EVICTED);
  }

  @Test
  void severalServersAreACluster() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> provider.spec(Map.of("uri", URI + ",redis://127.0.0.1:6380", "cluster", "false")))
        .withMessageContaining("'cluster'")
        .withMessageContaining("2 addresses");
  }

  @Test
  void addressIsRequired() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.spec(Map.of("timeout", "1s")))
        .withMessageContaining("'uri'");
  }

  @Test
  void unknownFieldIsNamedBesideTheKnown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.spec(Map.of("uri", URI, "time-out", "1s")))
        .withMessageContaining("'time-out'")
        .withMessageContaining("timeout");
  }

  @ParameterizedTest
  @CsvSource({
    "cluster, maybe",
    "timeout, 100",
    "timeout, 0ms",
    "ttl, soon",
    "retry, -1s",
    "batch, 4",
    "batch, 0B",
    "batch, 0.5B",
    "when, never"
  })
  void wrongValueIsNamedWithItsField(String field, String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.spec(Map.of("uri", URI, field, value)))
        .withMessageContaining("'" + field + "'");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:6379", "http://127.0.0.1:6379", "redis://", "''"})
  void wrongAddressIsShown(String uri) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.spec(Map.of("uri", uri)))
        .withMessageContaining(uri + ";");
  }

  @Test
  void passwordIsNotShown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> provider.spec(Map.of("uri", "http://me:secret@127.0.0.1:6379")))
        .withMessageContaining("127.0.0.1")
        .withMessageNotContaining("secret");
  }
}
