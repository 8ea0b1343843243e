// Scores and sums of rows whose codes are numbers of their own: f32, bf16, fp8. A level gives
// element<format>, which loads WIDTH numbers; HEADS; and fourSums, the sums of four vectors.

static constexpr int bytesOf(Format format) { return format == F32 ? 4 : format == BF16 ? 2 : 1; }

// Runs a kernel for all heads, as many at a time as registers hold.
template <class K>
static void allHeads(const Work& work, const Rows& rows) {
  int head = 0;
  for (; head + HEADS <= work.heads; head += HEADS) {
    K::template run<HEADS>(work, head, rows);
  }
  if constexpr (HEADS > 2) {
    if (head + 2 <= work.heads) {
      K::template run<2>(work, head, rows);
      head += 2;
    }
  }
  if constexpr (HEADS > 1) {
    if (head < work.heads) {
      K::template run<1>(work, head, rows);
    }
  }
}

template <Format F, int D, bool NANS>
struct ElementScore {
  template <int H>
  static void run(const Work& work, int head, const Rows& rows) {
    constexpr int BYTES = bytesOf(F);
    const float* q = work.queries + head * D;
    float* logits = work.logits + head * STRIDE + rows.at;
    for (int token = 0; token < rows.count; token += 4) {
      const uint8_t* row[4];
      for (int i = 0; i < 4; i++) {
        row[i] = rows.codes + (int64_t)least(token + i, rows.count - 1) * (D * BYTES);
      }
      Vector sums[H][4];
#pragma GCC unroll 8
      for (int h = 0; h < H; h++) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
          sums[h][i] = all(0);
        }
      }
      for (int d = 0; d < D; d += WIDTH) {
        Vector k[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
          k[i] = element<F, NANS>(row[i] + d * BYTES);
        }
#pragma GCC unroll 8
        for (int h = 0; h < H; h++) {
          Vector of = load(q + h * D + d);
#pragma GCC unroll 4
          for (int i = 0; i < 4; i++) {
            sums[h][i] = multiplyAdd(k[i], of, sums[h][i]);
          }
        }
      }
#pragma GCC unroll 8
      for (int h = 0; h < H; h++) {
        fourSums(logits + h * STRIDE + token, sums[h]);
      }
    }
  }
};

template <Format F, int D, bool NANS>
struct ElementSum {
  template <int H>
  static void run(const Work& work, int head, const Rows& rows) {
    constexpr int BYTES = bytesOf(F);
    const float* weights = work.logits + head * STRIDE + rows.at;
    for (int d = 0; d < D; d += 4 * WIDTH) {
      float* at = work.sums + head * sumStride(D) + d;
      Vector sums[H][4];
#pragma GCC unroll 8
      for (int h = 0; h < H; h++) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
          sums[h][i] = load(at + h * sumStride(D) + i * WIDTH);
        }
      }
      const uint8_t* row = rows.codes + d * BYTES;
      for (int token = 0; token < rows.count; token++, row += D * BYTES) {
        Vector v[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
          v[i] = element<F, NANS>(row + i * WIDTH * BYTES);
        }
#pragma GCC unroll 8
        for (int h = 0; h < H; h++) {
          Vector weight = all(weights[h * STRIDE + token]);
#pragma GCC unroll 4
          for (int i = 0; i < 4; i++) {
            sums[h][i] = multiplyAdd(v[i], weight, sums[h][i]);
          }
        }
      }
#pragma GCC unroll 8
      for (int h = 0; h < H; h++) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
          store(at + h * sumStride(D) + i * WIDTH, sums[h][i]);
        }
      }
    }
  }
};

// E4M3 has NaN bytes, which take more work to read: looks for them first.
template <template <Format, int, bool> class K, Format F, int D>
static void elements(const Work& work, const Rows& rows) {
  if (F == FP8 && anyNan(rows.codes, rows.count * D)) {
    allHeads<K<F, D, true>>(work, rows);
  } else {
    allHeads<K<F, D, false>>(work, rows);
  }
}

template <template <Format, int, bool> class K, Format F>
static Kernel elementKernel(int dim) {
  return dim == 64 ? elements<K, F, 64> : dim == 128 ? elements<K, F, 128> : elements<K, F, 256>;
}

template <template <Format, int, bool> class K>
static Kernel elementKernelOf(int format, int dim) {
  return format == FP8    ? elementKernel<K, FP8>(dim)
         : format == BF16 ? elementKernel<K, BF16>(dim)
                          : elementKernel<K, F32>(dim);
}
