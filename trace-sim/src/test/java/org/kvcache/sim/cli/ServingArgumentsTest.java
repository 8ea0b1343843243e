package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.serving.Batching;
import org.kvcache.sim.serving.Decoding;
import org.kvcache.sim.serving.Routing;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.TierSize;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class ServingArgumentsTest {

  @Command
  private static final class Words {
    @Mixin private final ServingArguments serving = new ServingArguments();
  }

  private static List<ServingConfig> configs(String... words) {
    var command = new Words();
    new CommandLine(command).parseArgs(words);
    return command.serving.configs(List.of("adaptive"));
  }

  private static ServingConfig config(String... words) {
    List<ServingConfig> configs = configs(words);
    assertThat(configs).hasSize(1);
    return configs.getFirst();
  }

  private static List<String> names(String... words) {
    return configs(words).stream().map(CapacityText::name).toList();
  }

  @Test
  void withoutOptions() {
    ServingConfig config = config();
    assertThat(config.model().name()).isEqualTo("llama3-8b");
    assertThat(config.model().kvBits()).isEqualTo(16);
    assertThat(config.device().name()).isEqualTo("h200");
    assertThat(config.policy()).isEqualTo("adaptive");
    assertThat(config.cacheBytes()).isEmpty();
    assertThat(config.tiers()).isEmpty();
    assertThat(config.decoding()).isInstanceOf(Decoding.TokenByToken.class);
    assertThat(config.batching()).isEqualTo(Batching.DEFAULT);
  }

  @Test
  void whatDiffersGivesTheName() {
    assertThat(names()).containsExactly("adaptive");
    assertThat(names("--policy", "lru")).containsExactly("lru");
    assertThat(names("--policy", "lru,arc")).containsExactly("lru", "arc");
    assertThat(names("--scheme", "bf16,mxfp4")).containsExactly("bf16", "mxfp4");
    assertThat(names("--device", "h100,h200", "--cache", "25%,50%", "--policy", "lru"))
        .containsExactly("h100 25%", "h100 50%", "h200 25%", "h200 50%");
    assertThat(names("--model", "llama3-8b,qwen3-8b", "--policy", "lru,arc"))
        .containsExactly("llama3-8b lru", "llama3-8b arc", "qwen3-8b lru", "qwen3-8b arc");
    assertThat(names("--model", "sdar-8b", "--decoding", "diffusion,herald"))
        .containsExactly("diffusion", "herald");
  }

  @Test
  void repeatedNamesAreOne() {
    assertThat(names("--policy", "lru, LRU,lru", "--scheme", "bf16,BF16")).containsExactly("lru");
  }

  @Test
  void schemesGiveBits() {
    assertThat(configs("--scheme", "bf16,fp8"))
        .extracting(c -> c.model().kvBits())
        .first()
        .isEqualTo(16.0);
    assertThat(config("--scheme", "mxfp4").model().kvBits()).isBetween(4.0, 5.0);
  }

  @Test
  void cachesAreBytesOrAShareOfTheRoom() {
    assertThat(config("--cache", "40GB").cacheBytes()).isEqualTo(OptionalDouble.of(40e9));
    assertThat(config("--cache", "8GiB").cacheBytes()).isEqualTo(OptionalDouble.of(0x1p33));
    ServingConfig quarter = config("--cache", "25%");
    assertThat(quarter.cacheBytes().orElseThrow()).isEqualTo(quarter.roomBytes() / 4);
    ServingConfig herald = config("--model", "sdar-8b", "--decoding", "herald", "--cache", "50%");
    assertThat(herald.cacheBytes().orElseThrow()).isEqualTo(herald.roomBytes() / 2);
    assertThat(herald.roomBytes()).isGreaterThan(quarter.roomBytes());
  }

  @Test
  void batchingAndRouting() {
    ServingConfig config =
        config(
            "--tensor-parallel=2",
            "--replicas=3",
            "--routing=Least-Loaded",
            "--max-sequences=7",
            "--pass-tokens=99",
            "--preemption=swap",
            "--weight-bits=8");
    assertThat(config.gpus()).isEqualTo(2);
    assertThat(config.replicas()).isEqualTo(3);
    assertThat(config.routing()).isEqualTo(Routing.LEAST_LOADED);
    assertThat(config.batching().preemption()).isEqualTo(Batching.Preemption.SWAP);
    assertThat(config.model().weightBits()).isEqualTo(8);
  }

  @Test
  void tiersGoFromNearToFar() {
    assertThat(config("--remote-cache=3TB", "--disk-cache", "2GB", "--host-cache", "1GiB").tiers())
        .containsExactly(
            new TierSize(TierSize.Place.HOST, 0x1p30),
            new TierSize(TierSize.Place.DISK, 2e9),
            new TierSize(TierSize.Place.REMOTE, 3e12));
  }

  @Test
  void decodingIsThatOfTheModelUnlessNamed() {
    assertThat(config("--model", "sdar-8b", "--block=16", "--steps=4").decoding())
        .isEqualTo(new Decoding.BlockDiffusion(16, 4));
    assertThat(config("--model", "sdar-8b", "--decoding", "tokens").decoding())
        .isInstanceOf(Decoding.TokenByToken.class);
    assertThat(config("--decoding", "diffusion").decoding())
        .isEqualTo(new Decoding.BlockDiffusion(32, 20));
  }

  @Test
  void heraldTakesItsPlan() {
    var herald =
        (Decoding.Herald)
            config("--decoding=herald", "--budget=10%", "--page=4", "--reuse=0.5", "--key-bits=2")
                .decoding();
    assertThat(herald.plan().budget()).isCloseTo(0.1, within(1e-12));
    assertThat(herald.plan().toString()).contains("2.0", "0.5", "4", "true");
    var plain = (Decoding.Herald) config("--decoding=herald", "--no-look-ahead").decoding();
    assertThat(plain.plan().toString()).contains("16.0", "false");
  }

  @ParameterizedTest
  @CsvSource({"5%, 0.05", "5 %, 0.05", "0.05, 0.05", ".5, 0.5", "0, 0", "100%, 1", "1, 1"})
  void shares(String text, double share) {
    assertThat(Share.parse("--x", text)).isCloseTo(share, within(1e-15));
  }

  @ParameterizedTest
  @CsvSource({"101%", "1.5", "-1%", "%", "''", "5%%", "1e-3", "NaN"})
  void noShares(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Share.parse("--x", text))
        .withMessage("--x '%s' is not a share from 0 to 100%%; write 5%% or 0.05", text);
  }

  @Test
  void timesHaveTheUnitThatSuitsThem() {
    assertThat(CapacityText.seconds(12.345)).isEqualTo("12.3s");
    assertThat(CapacityText.seconds(1)).isEqualTo("1.00s");
    assertThat(CapacityText.seconds(0.0456)).isEqualTo("45.6ms");
    assertThat(CapacityText.seconds(4.5e-6)).isEqualTo("4.50us");
    assertThat(CapacityText.seconds(Double.POSITIVE_INFINITY)).isEqualTo("endless");
  }
}
