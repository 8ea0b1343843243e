package org.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.BlockManagerConfig.Builder;
import org.kvcache.spi.PolicySpec;

class BlockManagerConfigTest {

  private static final PolicySpec POLICY =
      PolicySpec.published(
          "none",
          "",
          0,
          _ -> {
            throw new UnsupportedOperationException();
          });

  private static Arguments bad(Consumer<Builder> setting, String message) {
    return Arguments.of(setting, message);
  }

  static Stream<Arguments> badSettings() {
    return Stream.of(
        bad(b -> b.slots(0), "slots is 0"),
        bad(b -> b.slots(-1), "slots is -1"),
        bad(b -> b.blockTokens(0), "blockTokens is 0"),
        bad(b -> b.watermark(1), "watermark is 1.0"),
        bad(b -> b.watermark(-0.1), "watermark is -0.1"),
        bad(b -> b.watermark(Double.NaN), "watermark is NaN"),
        bad(b -> b.demotionUses(-1), "demotionUses is -1"),
        bad(b -> b.policy("nosuch"), "unknown policy 'nosuch'"));
  }

  @ParameterizedTest
  @MethodSource("badSettings")
  void badSettingIsNamed(Consumer<Builder> setting, String message) {
    Builder builder = BlockManagerConfig.builder().slots(1).policy(POLICY);
    setting.accept(builder);
    assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining(message);
  }

  @Test
  void defaultsAreThoseOfTheDocumentation() {
    BlockManagerConfig config = BlockManagerConfig.builder().slots(1).policy(POLICY).build();
    assertThat(config.blockTokens()).isEqualTo(16);
    assertThat(config.watermark()).isZero();
    assertThat(config.demotionUses()).isZero();
    assertThat(config.whatIf()).isTrue();
    assertThat(config.medium()).isEqualTo("GPU");
    assertThat(config.policy()).isSameAs(POLICY);
  }

  @Test
  void slotsMustBeGiven() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BlockManagerConfig.builder().policy(POLICY).build())
        .withMessageContaining("slots is 0");
  }

  @Test
  void statsAreASnapshot() {
    Map<String, Double> state = new HashMap<>(Map.of("p", 1.0));
    var stats =
        new BlockManagerStats(
            4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "none", state, List.of());
    state.put("p", 2.0);
    assertThat(stats.policyState()).containsEntry("p", 1.0);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> stats.policyState().clear());
    assertThat(stats.hitRate()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 35, 100})
  void prioritiesWithinTheScaleAreAccepted(int priority) {
    assertThat(RetentionPriority.check(priority)).isEqualTo(priority);
  }
}
