package org.kvcache.bench.jlama;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.tensor.AbstractTensor;
import com.github.tjake.jlama.tensor.KvBufferCache;
import com.github.tjake.jlama.tensor.SequenceKvBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.ByteSize;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.bench.model.InductionModel;

class SequenceKvBufferTest {

  @TempDir static Path directory;
  private static AbstractModel model;
  private static KvShape shape;

  private KvCache cache;
  private KvSequence sequence;
  private SequenceKvBuffer buffer;

  @BeforeAll
  static void load() {
    System.setProperty("jlama.force_panama_tensor_operations", "true");
    InductionModel.write(directory);
    model = ModelSupport.loadModel(directory.toFile(), DType.F32, DType.F32);
    shape = JlamaCache.shape(model);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @BeforeEach
  void open() {
    cache =
        KvCache.open(
            KvCacheConfig.builder()
                .shape(shape)
                .scheme("mxfp4")
                .policy("lru")
                .memory(ByteSize.mib(16))
                .build());
    sequence = cache.begin(new int[0]);
    buffer =
        new SequenceKvBuffer(
            new KvBufferCache(model), UUID.randomUUID(), sequence, shape, position -> {});
  }

  @AfterEach
  void closeCache() {
    sequence.close();
    cache.close();
  }

  private AbstractTensor<?, ?> keysUpTo(int layer, int position) {
    return buffer.getKeyTensorsUptoPosition(layer, position)[0];
  }

  private void write(Random random, int layer, int position) {
    AbstractTensor<?, ?> key = buffer.getKeyTensorForPosition(layer, position);
    AbstractTensor<?, ?> value = buffer.getValTensorForPosition(layer, position);
    for (int i = 0; i < shape.kvDim(); i++) {
      key.set((float) random.nextGaussian(), 0, i);
      value.set((float) random.nextGaussian(), 0, i);
    }
  }

  private static float[] row(AbstractTensor<?, ?> page, int position) {
    float[] row = new float[shape.kvDim()];
    for (int i = 0; i < row.length; i++) {
      row[i] = page.get(position, i);
    }
    return row;
  }

  @Test
  void rowIsSeenInThePageThatWasAskedForBeforeItWasWritten() {
    AbstractTensor<?, ?> key = buffer.getKeyTensorForPosition(0, 0);
    AbstractTensor<?, ?> page = keysUpTo(0, 0);
    key.set(7, 0, 3);
    assertThat(page.get(0, 3)).isEqualTo(7);
  }

  @Test
  void laterTokensOfABatchSeeTheCodes() {
    var random = new Random(1);
    float[] stored = new float[shape.kvDim()];
    for (int position = 0; position < 20; position++) {
      write(random, 1, position);
      if (position > 0) {
        sequence.readKeys(1, position - 1, 1, stored, 0);
        assertThat(row(keysUpTo(1, position), position - 1)).containsExactly(stored);
      }
    }
  }

  @Test
  void layersAreBroughtBackWhenTheyComeAgain() {
    var random = new Random(2);
    for (int layer = 0; layer < 2; layer++) {
      for (int position = 0; position < 70; position++) {
        write(random, layer, position);
      }
    }
    write(random, 0, 70);
    float[] stored = new float[shape.kvDim()];
    for (int position = 0; position < 70; position++) {
      sequence.readKeys(0, position, 1, stored, 0);
      assertThat(row(keysUpTo(0, 70), position)).containsExactly(stored);
      sequence.readValues(0, position, 1, stored, 0);
      assertThat(row(buffer.getValTensorsUptoPosition(0, 70)[0], position)).containsExactly(stored);
    }
  }

  @Test
  void pagesHaveFewShapes() {
    var random = new Random(3);
    Set<Integer> rows = new HashSet<>();
    for (int position = 0; position < 300; position++) {
      write(random, 0, position);
      rows.add(keysUpTo(0, position).shape().first());
    }
    assertThat(rows).containsExactlyInAnyOrder(64, 128, 256, 512);
  }
}
