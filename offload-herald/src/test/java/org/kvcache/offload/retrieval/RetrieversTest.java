package org.kvcache.offload.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.Retrieval;
import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.PageSelector;

class RetrieversTest {

  private static PageSelector selector(
      String retriever, Prefix prefix, boolean byToken, Retrieval.Builder settings) {
    return BlockRetriever.named(retriever).selector(prefix.context(2, byToken, settings.build()));
  }

  @Test
  void eachHasItsNameAndOneLine() {
    assertThat(BlockRetriever.all())
        .extracting(BlockRetriever::name)
        .contains(
            "all",
            "exact",
            "exact-step",
            "herald",
            "herald-adaptive",
            "herald-diverse",
            "herald-mean",
            "quest",
            "window");
    assertThat(BlockRetriever.all())
        .allSatisfy(retriever -> {
          assertThat(retriever.summary()).isNotBlank().doesNotContain("\n");
          assertThat(retriever.everyStep()).isEqualTo(retriever.name().equals("exact-step"));
        });
  }

  @ParameterizedTest
  @CsvSource({
    "16, 1, 8",
    "16, 2, 4 11",
    "16, 4, 1 5 9 13",
    "32, 1, 16",
    "32, 2, 8 23",
    "32, 4, 3 11 19 27",
    "4, 1, 2",
    "4, 2, 1 2",
    "4, 3, 0 1 2",
    "4, 4, 0 1 2 3",
    "1, 1, 0",
    "2, 2, 0 1"
  })
  void askedTokensAreSpread(int tokens, int count, String expected) {
    assertThat(IntStream.range(0, count).map(i -> SpreadQueries.position(i, count, tokens)))
        .containsExactly(
            Arrays.stream(expected.split(" ")).map(Integer::valueOf).toArray(Integer[]::new));
  }

  @Test
  void aWindowIsTheFirstBlockAndTheLast() {
    Prefix prefix = new Prefix("f32", 64, 10, 1);
    float[] q = new float[128];
    assertThat(prefix.choose(selector("window", prefix, false, Retrieval.builder()), q, 2, 4))
        .containsExactly(0, 7, 8, 9);
    PageSelector more = selector("window", prefix, false, Retrieval.builder().sinkBlocks(3));
    assertThat(prefix.choose(more, q, 2, 4)).containsExactly(0, 1, 2, 9);
    assertThat(prefix.choose(more, q, 2, 2)).containsExactly(0, 1);
    assertThat(prefix.choose(more, q, 2, 40)).hasSize(10);
    PageSelector tokens = selector("window", prefix, true, Retrieval.builder());
    assertThat(prefix.choose(tokens, q, 2, 18)).startsWith(0, 1).endsWith(15, 158, 159);
  }

  @Test
  void allIsAllAndSaysSoIfItCannotBe() {
    Prefix prefix = new Prefix("f32", 64, 10, 1);
    PageSelector all = selector("all", prefix, false, Retrieval.builder().budget(1));
    assertThat(prefix.choose(all, new float[128], 2, 10)).hasSize(10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> selector("all", prefix, false, Retrieval.builder()))
        .withMessageContaining("set it to 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"exact", "herald", "herald-mean", "herald-adaptive", "quest"})
  void amongEqualPagesTheFirstAreChosen(String retriever) {
    float[] keys = new float[20 * Prefix.BLOCK * 64];
    Arrays.fill(keys, 0.5f);
    Prefix prefix = new Prefix("bf16", 64, keys);
    PageSelector selector = selector(retriever, prefix, false, Retrieval.builder());
    selector.add(prefix, 0, 20);
    float[] q = Prefix.gaussian(new Random(3), 4 * 128);
    assertThat(prefix.choose(selector, q, 2, 5)).containsExactly(0, 1, 2, 3, 4);
    assertThat(prefix.choose(selector, q, 2, 3, 12)).containsExactly(0, 1, 2);
  }

  @Test
  void queriesThatAgreeAreAskedOnce() {
    float[] q = new float[16 * 128];
    float[] one = Prefix.gaussian(new Random(4), 128);
    float[] noise = Prefix.gaussian(new Random(5), q.length);
    for (int i = 0; i < q.length; i++) {
      q[i] = one[i % 128] + 0.1f * noise[i];
    }
    var choice = new DiverseQueries(128, 4, 0.8, Vectorization.loops());
    float[] asked = new float[q.length];
    assertThat(choice.ask(q, 0, 128, 16, asked)).isEqualTo(1);
    assertThat(Arrays.copyOf(asked, 128)).isEqualTo(Arrays.copyOfRange(q, 8 * 128, 9 * 128));
    for (int i = 3 * 128; i < 4 * 128; i++) {
      q[i] = -q[i];
    }
    assertThat(choice.ask(q, 0, 128, 16, asked)).isEqualTo(2);
    assertThat(Arrays.copyOfRange(asked, 128, 256))
        .isEqualTo(Arrays.copyOfRange(q, 3 * 128, 4 * 128));
  }

  @Test
  void queriesWithoutDirectionAreNotFollowed() {
    var choice = new DiverseQueries(64, 4, 0.8, Vectorization.loops());
    assertThat(choice.ask(new float[16 * 64], 0, 64, 16, new float[16 * 64])).isEqualTo(1);
  }

  @Test
  void queriesMayLieApart() {
    Prefix prefix = new Prefix("f32", 64, 30, 7);
    float[] q = Prefix.gaussian(new Random(8), 4 * 128);
    float[] apart = new float[5 + 4 * 200];
    Arrays.fill(apart, Float.NaN);
    for (int t = 0; t < 4; t++) {
      System.arraycopy(q, t * 128, apart, 5 + t * 200, 128);
    }
    for (String retriever :
        new String[] {"exact", "herald", "herald-mean", "herald-diverse", "quest"}) {
      PageSelector selector = selector(retriever, prefix, false, Retrieval.builder());
      selector.add(prefix, 0, 30);
      int[] expected = prefix.choose(selector, q, 2, 6);
      int[] chosen = new int[6];
      assertThat(selector.select(prefix, 480, apart, 5, 200, 4, 6, chosen)).isEqualTo(6);
      assertThat(chosen).isEqualTo(expected);
    }
  }

  @Test
  void aKeyThatIsNotANumberIsPassedOver() {
    float[] keys = Prefix.gaussian(new Random(9), 40 * Prefix.BLOCK * 64);
    keys[5 * Prefix.BLOCK * 64 + 3] = Float.NaN;
    Prefix prefix = new Prefix("f32", 64, keys);
    PageSelector selector = selector("exact", prefix, true, Retrieval.builder());
    selector.add(prefix, 0, 40);
    float[] q = Prefix.gaussian(new Random(10), 4 * 128);
    assertThat(prefix.choose(selector, q, 2, 60)).doesNotContain(5 * Prefix.BLOCK);
    assertThat(selector.mass()).isBetween(0.1f, 1f);
  }

  @Test
  void blocksAreAddedInOrder() {
    Prefix prefix = new Prefix("f32", 64, 10, 1);
    for (String retriever : new String[] {"herald", "quest"}) {
      PageSelector selector =
          selector(retriever, prefix, false, Retrieval.builder().scoredKeys("lm16"));
      selector.add(prefix, 0, 4);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> selector.add(prefix, 5, 6))
          .withMessageContaining("there are 4");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> prefix.choose(selector, new float[128], 2, 2));
    }
  }
}
