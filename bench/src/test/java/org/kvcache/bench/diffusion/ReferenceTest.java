package org.kvcache.bench.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.bench.diffusion.BlockKv.OpenBlock;
import org.kvcache.safetensors.Safetensors;

class ReferenceTest {

  private static final float TOLERANCE = 1e-3f;

  private static DiffusionModel model;
  private static DiffusionConfig config;
  private static Safetensors reference;

  @BeforeAll
  static void read() throws URISyntaxException {
    model = DiffusionModel.builtIn();
    config = model.config;
    var resource = Objects.requireNonNull(ReferenceTest.class.getResource("reference.safetensors"));
    reference = Safetensors.open(Path.of(resource.toURI()));
  }

  @AfterAll
  static void close() {
    reference.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "two"})
  void aBlockIsDenoisedAsInTheReference(String prompt) {
    int[] tokens = reference.ints(prompt + ".prompt");
    var kv = new FullAttention(config, tokens.length + config.block(), false);
    var pass = new BlockPass(model, config.block());
    var recorded = new RecordingAttention(config);
    for (int start = 0; start < tokens.length; start += config.block()) {
      int[] block = Arrays.copyOfRange(tokens, start, start + config.block());
      try (OpenBlock open = kv.begin(config.block())) {
        assertThat(pass.store(block, start, recorded.over(open))).isTrue();
        open.commit(block);
      }
    }
    assertClose(prompt + ".k_last_prompt_block", recorded.k(), 1);
    assertClose(prompt + ".v_last_prompt_block", recorded.v(), 1);

    var unmasking = new Unmasking(config);
    int[] block = new int[config.block()];
    Arrays.fill(block, config.mask());
    float[] logits = reference.floats(prompt + ".step_logits");
    int[] steps = reference.ints(prompt + ".step_tokens");
    try (OpenBlock open = kv.begin(config.block())) {
      for (int step = 0; step < config.steps(); step++) {
        assertThat(pass.forward(block, tokens.length, recorded.over(open))).isTrue();
        if (step == 0) {
          assertClose(prompt + ".q_step0", recorded.q(), config.heads() / config.kvHeads());
        }
        float[] computed = pass.logits();
        assertClose(
            prompt + ".step_logits, step " + step,
            computed,
            Arrays.copyOfRange(logits, step * computed.length, (step + 1) * computed.length));
        unmasking.reveal(computed, unmasking.countIn(step), block);
        int from = step * config.block();
        assertThat(block).isEqualTo(Arrays.copyOfRange(steps, from, from + config.block()));
      }
      pass.store(block, tokens.length, recorded.over(open));
      open.commit(block);
    }
    assertClose(prompt + ".k_commit", recorded.k(), 1);
    assertClose(prompt + ".v_commit", recorded.v(), 1);
    assertThat(kv.length()).isEqualTo(tokens.length + config.block());
  }

  /** The reference has heads before tokens. */
  private static void assertClose(String tensor, float[][] layers, int headsOfGroup) {
    float[] expected = reference.floats(tensor);
    int heads = config.kvHeads() * headsOfGroup;
    int dim = config.headDim();
    float[] transposed = new float[expected.length];
    int at = 0;
    for (float[] rows : layers) {
      for (int head = 0; head < heads; head++) {
        for (int token = 0; token < config.block(); token++) {
          System.arraycopy(rows, (token * heads + head) * dim, transposed, at, dim);
          at += dim;
        }
      }
    }
    assertThat(at).isEqualTo(expected.length);
    assertClose(tensor, transposed, expected);
  }

  private static void assertClose(String what, float[] computed, float[] expected) {
    assertThat(computed).hasSameSizeAs(expected);
    float worst = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(computed[i] - expected[i]));
    }
    assertThat(worst).as(what).isCloseTo(0, within(TOLERANCE));
  }
}
