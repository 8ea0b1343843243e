package org.kvcache.bench.diffusion;

/** Keeps the last queries, keys and values of each layer on their way to another attention. */
final class RecordingAttention {

  private final float[][] q;
  private final float[][] k;
  private final float[][] v;

  RecordingAttention(DiffusionConfig config) {
    q = new float[config.layers()][];
    k = new float[config.layers()][];
    v = new float[config.layers()][];
  }

  float[][] q() {
    return q;
  }

  float[][] k() {
    return k;
  }

  float[][] v() {
    return v;
  }

  BlockAttention over(BlockAttention attention) {
    return new BlockAttention() {
      @Override
      public boolean write(int layer, float[] keys, float[] values) {
        k[layer] = keys.clone();
        v[layer] = values.clone();
        return attention.write(layer, keys, values);
      }

      @Override
      public boolean attend(int layer, float[] queries, float[] out) {
        q[layer] = queries.clone();
        return attention.attend(layer, queries, out);
      }
    };
  }
}
