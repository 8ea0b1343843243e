// Scores and sums of rows of four-bit codes, for levels with vectors of GROUPS times 128 bits. A
// chunk is a vector of codes, GROUPS groups of 32; four chunks are a step. Keys are multiplied as
// integers of 16 bits, so that a group's scale comes after its sum: 128 bits of each vector of sums
// belong to one group. Values are looked up as floats.

template <int D>
struct Chunks {
  static constexpr int BYTES = 16 * GROUPS;
  static constexpr int STEP = 4 * BYTES;
  static constexpr int STEP_SCALES = 4 * GROUPS;
  // A row takes several chunks, or a chunk several rows.
  static constexpr int PARTS = D / 2 > BYTES ? D / 2 / BYTES : 1;
  static constexpr int TOKENS = D / 2 < BYTES ? BYTES / (D / 2) : 1;
  static constexpr int STEP_TOKENS = STEP / (D / 2);
};

// Calls step(codes, scales, first token) for steps that cover the rows, the last one copied and
// filled up with zeros.
template <int D, class Step>
static inline void steps(const Rows& rows, Step step) {
  using C = Chunks<D>;
  const int bytes = rows.count * (D / 2);
  int at = 0;
  for (; at + C::STEP <= bytes; at += C::STEP) {
    step(rows.codes + at, rows.scales + at / 16, at / (D / 2));
  }
  if (at < bytes) {
    alignas(64) uint8_t codes[C::STEP] = {};
    uint8_t scales[16] = {};
    __builtin_memcpy(codes, rows.codes + at, bytes - at);
    __builtin_memcpy(scales, rows.scales + at / 16, (bytes - at) / 16);
    step(codes, scales, at / (D / 2));
  }
}

template <Format F, int D>
struct NibbleScore {
  template <int H>
  static void run(const Work& work, int head, const Rows& rows) {
    using C = Chunks<D>;
    const auto table = keyLevels<F>();
    const int16_t* q = work.words + head * sumStride(D);
    float* logits = work.logits + head * STRIDE + rows.at;
    Vector unit[H];
    for (int h = 0; h < H; h++) {
      unit[h] = all(work.states[head + h].unit);
    }
    steps<D>(rows, [&](const uint8_t* codes, const uint8_t* scales, int token) {
      Words sums[H][4];
#pragma GCC unroll 4
      for (int c = 0; c < 4; c++) {
        Words k[4];
        decode<F>(codes + c * C::BYTES, table, k);
#pragma GCC unroll 8
        for (int h = 0; h < H; h++) {
          const int16_t* of = q + h * sumStride(D) + (c % C::PARTS) * (32 * GROUPS);
          Words sum = dot(zeroWords(), k[0], loadWords(of));
          sum = dot(sum, k[1], loadWords(of + 8 * GROUPS));
          sum = dot(sum, k[2], loadWords(of + 16 * GROUPS));
          sums[h][c] = dot(sum, k[3], loadWords(of + 24 * GROUPS));
        }
      }
      const Vector scale = scalesByGroup<F>(scales);
#pragma GCC unroll 8
      for (int h = 0; h < H; h++) {
        Vector chunks = quads(sums[h]) * (scale * unit[h]);
        storeTokens<D>(logits + h * STRIDE + token, chunks);
      }
    });
  }
};

template <Format F, int D>
struct NibbleSum {
  template <int H, int PART, int HALF>
  static void part(const Work& work, int head, const Rows& rows) {
    using C = Chunks<D>;
    const auto table = valueLevels<F>();
    const float* weights = work.logits + head * STRIDE + rows.at;
    float* at = work.sums + head * sumStride(D) + (PART * 2 + HALF) * 4 * WIDTH;
    Vector sums[H][4];
#pragma GCC unroll 8
    for (int h = 0; h < H; h++) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        sums[h][i] = load(at + h * sumStride(D) + i * WIDTH);
      }
    }
    steps<D>(rows, [&](const uint8_t* codes, const uint8_t* scales, int token) {
      const Vector inOrder = scalesInOrder<F>(scales);
#pragma GCC unroll 4
      for (int c = PART; c < 4; c += C::PARTS) {
        Vector v[4];
        values<F, HALF>(codes + c * C::BYTES, table, v);
        const Vector scale = spread(inOrder, c);
        const float* weight = weights + token + c * C::TOKENS / C::PARTS;
#pragma GCC unroll 8
        for (int h = 0; h < H; h++) {
          Vector scaled = scale * weightOf<C::TOKENS>(weight + h * STRIDE);
#pragma GCC unroll 4
          for (int i = 0; i < 4; i++) {
            sums[h][i] = multiplyAdd(v[i], scaled, sums[h][i]);
          }
        }
      }
    });
#pragma GCC unroll 8
    for (int h = 0; h < H; h++) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        store(at + h * sumStride(D) + i * WIDTH, sums[h][i]);
      }
    }
  }

  template <int H>
  static void run(const Work& work, int head, const Rows& rows) {
    part<H, 0, 0>(work, head, rows);
    part<H, 0, 1>(work, head, rows);
    if constexpr (Chunks<D>::PARTS > 1) {
      part<H, 1, 0>(work, head, rows);
      part<H, 1, 1>(work, head, rows);
    }
    if constexpr (Chunks<D>::PARTS > 2) {
      part<H, 2, 0>(work, head, rows);
      part<H, 2, 1>(work, head, rows);
      part<H, 3, 0>(work, head, rows);
      part<H, 3, 1>(work, head, rows);
    }
  }
};

template <template <Format, int> class K, Format F>
static Kernel nibbleKernel(int dim) {
  return dim == 64    ? allHeads<K<F, 64>>
         : dim == 128 ? allHeads<K<F, 128>>
                      : allHeads<K<F, 256>>;
}

static Kernel scoreOf(int format, int dim) {
  return format == MXFP4  ? nibbleKernel<NibbleScore, MXFP4>(dim)
         : format == LM16 ? nibbleKernel<NibbleScore, LM16>(dim)
                          : elementKernelOf<ElementScore>(format, dim);
}

static Kernel sumOf(int format, int dim) {
  return format == MXFP4  ? nibbleKernel<NibbleSum, MXFP4>(dim)
         : format == LM16 ? nibbleKernel<NibbleSum, LM16>(dim)
                          : elementKernelOf<ElementSum>(format, dim);
}

// Words of a chunk come in four vectors of 8 * GROUPS, sums in two halves of four vectors of WIDTH.
static int wordChannel(int i, int dim) {
  int chunk = i / (32 * GROUPS);
  int in = i % (32 * GROUPS);
  return (chunk * 32 * GROUPS + wordElement(in / (8 * GROUPS), in % (8 * GROUPS))) % dim;
}

static int sumChannel(int i, int dim) {
  int chunk = i / (8 * WIDTH);
  int in = i % (8 * WIDTH);
  int element = sumElement(in / (4 * WIDTH), in / WIDTH % 4, in % WIDTH);
  return (chunk * 32 * GROUPS + element) % dim;
}
