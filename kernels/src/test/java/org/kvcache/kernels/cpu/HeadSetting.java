package org.kvcache.kernels.cpu;

import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.kvcache.AttentionWindow;

/** A {@link Head} to try, and what is asked of it. */
public record HeadSetting(
    String scheme,
    int dim,
    int heads,
    int blockTokens,
    int length,
    int staged,
    AttentionWindow window,
    long seed) {

  /** Settings with every head dim, windows of all kinds, and up to {@code most} tokens. */
  public static Arbitrary<HeadSetting> arbitrary(
      Arbitrary<String> schemes, Arbitrary<Integer> heads, Arbitrary<Integer> blocks, int most) {
    Arbitrary<AttentionWindow> windows =
        Arbitraries.oneOf(
            Arbitraries.just(AttentionWindow.ALL),
            Combinators.combine(
                    Arbitraries.integers().between(0, 20), Arbitraries.integers().between(1, 90))
                .as(AttentionWindow::new));
    return Combinators.combine(
            schemes,
            Arbitraries.of(64, 128, 256),
            heads,
            blocks,
            Arbitraries.integers().between(1, most),
            Arbitraries.of(0, 0, 1, 40, 400),
            windows,
            Arbitraries.longs())
        .as(HeadSetting::new);
  }

  public Head head() {
    return new Head(scheme, dim, blockTokens, length, staged, seed);
  }

  public float[] queries() {
    return Head.gaussian(new Random(~seed), heads * dim);
  }

  HeadSetting withScheme(String other) {
    return new HeadSetting(other, dim, heads, blockTokens, length, staged, window, seed);
  }

  HeadSetting withStaged(int rows) {
    return new HeadSetting(scheme, dim, heads, blockTokens, length, rows, window, seed);
  }

  HeadSetting withBlocks(int tokens, int longer) {
    return new HeadSetting(scheme, dim, heads, tokens, length + longer, staged, window, seed);
  }
}
