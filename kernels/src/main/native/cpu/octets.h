// Scans of four-bit keys with VNNI's dot products of bytes. Queries become signed bytes, each group
// of 32 channels under its own unit; levels become unsigned ones, OFFSET too large, which the start
// of each sum takes back. Sixteen keys are turned so that each has a lane of its own: no sum goes
// over lanes, and the work on codes is done once for all queries. Included by avx512.cpp.

// Levels under a unit of their own: of E2M1 exactly, of lm16 to the nearest of 255 steps.
template <Format F>
struct Octets;

template <>
struct Octets<MXFP4> {
  static constexpr int OFFSET = 12;
  static constexpr float UNIT = 0.5f;
  static constexpr int8_t LEVELS[16] = {0, 1,  2,  3,  4,  6,  8,  12,
                                        0, -1, -2, -3, -4, -6, -8, -12};
};

template <>
struct Octets<LM16> {
  static constexpr int OFFSET = 127;
  static constexpr float UNIT = 1.5f / 127;
  static constexpr int8_t LEVELS[16] = {6,  17,  29,  42,  58,  74,  95,  127,
                                        -6, -17, -29, -42, -58, -74, -95, -127};
};

template <Format F>
static inline __m512i octetLevels() {
  const __m128i levels = _mm_loadu_si128((const __m128i*)Octets<F>::LEVELS);
  return _mm512_broadcast_i32x4(_mm_add_epi8(levels, _mm_set1_epi8(Octets<F>::OFFSET)));
}

// Byte i of a query holds channel octetChannel(i): four low nibbles, four high ones.
static int octetChannel(int i) { return i / 8 * 8 + i % 4 * 2 + i / 4 % 2; }

// Makes bytes of the stored queries.
template <Format F>
static void roundToOctets(const Work& work) {
  for (int at = 0; at < work.heads * work.dim; at += 32) {
    const float* q = work.queries + at;
    float most = 0;
    float nan = 0;
    for (int i = 0; i < 32; i++) {
      float size = magnitude(q[i]);
      most = size > most ? size : most;
      nan += q[i] * 0;
    }
    float inverse = most > 0x1p-100f ? 127 / most : 0;
    int sum = 0;
    for (int i = 0; i < 32; i++) {
      float scaled = nan == 0 ? q[octetChannel(i)] * inverse : 0;
      work.octets[at + i] = (int8_t)(scaled + (scaled < 0 ? -0.5f : 0.5f));
      sum += work.octets[at + i];
    }
    work.groups[at / 32] = {(most / 127 + nan) * Octets<F>::UNIT, -Octets<F>::OFFSET * sum};
  }
}

// Lane k of out[c]: the four bytes c of 16 of key k.
template <int D>
static inline void turn(const uint8_t* codes, __m512i out[4]) {
  __m512i x[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    const __m128i* from = (const __m128i*)(codes + i * (D / 2));
    constexpr int FOUR = 4 * (D / 2) / 16;
    x[i] = _mm512_castsi128_si512(_mm_loadu_si128(from));
    x[i] = _mm512_mask_broadcast_i32x4(x[i], 0x00f0, _mm_loadu_si128(from + FOUR));
    x[i] = _mm512_mask_broadcast_i32x4(x[i], 0x0f00, _mm_loadu_si128(from + 2 * FOUR));
    x[i] = _mm512_mask_broadcast_i32x4(x[i], 0xf000, _mm_loadu_si128(from + 3 * FOUR));
  }
  __m512i a = _mm512_unpacklo_epi32(x[0], x[1]);
  __m512i b = _mm512_unpackhi_epi32(x[0], x[1]);
  __m512i c = _mm512_unpacklo_epi32(x[2], x[3]);
  __m512i d = _mm512_unpackhi_epi32(x[2], x[3]);
  out[0] = _mm512_unpacklo_epi64(a, c);
  out[1] = _mm512_unpackhi_epi64(a, c);
  out[2] = _mm512_unpacklo_epi64(b, d);
  out[3] = _mm512_unpackhi_epi64(b, d);
}

// The scales of a group of sixteen keys.
template <Format F, int D>
static inline Vector keyScales(const uint8_t* scales, int group) {
  __m512i x;
  if constexpr (D == 64) {
    x = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)scales));
  } else if constexpr (D == 128) {
    x = _mm512_loadu_si512(scales);
  } else {
    const __m512i even =
        _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i index = _mm512_add_epi32(even, _mm512_set1_epi32(group / 4));
    x = _mm512_permutex2var_epi32(_mm512_loadu_si512(scales), index,
                                  _mm512_loadu_si512(scales + 64));
  }
  return scalesOf<F>(_mm512_cvtepi32_epi8(_mm512_srli_epi32(x, 8 * (group % 4))));
}

template <Format F, int D>
struct OctetScan {
  static constexpr int KEYS = 16;

  template <int H>
  static inline void keys(const Work& work, int head, const uint8_t* codes, const uint8_t* scales,
                          float* logits) {
    const __m512i table = octetLevels<F>();
    const __m512i nibble = _mm512_set1_epi8(15);
    const int8_t* q = work.octets + head * D;
    const GroupState* states = work.groups + head * (D / 32);
    Vector sums[H];
#pragma GCC unroll 8
    for (int h = 0; h < H; h++) {
      sums[h] = all(0);
    }
    for (int g = 0; g < D / 32; g++) {
      __m512i dots[H];
#pragma GCC unroll 8
      for (int h = 0; h < H; h++) {
        dots[h] = _mm512_set1_epi32(states[h * (D / 32) + g].start);
      }
      __m512i x[4];
      turn<D>(codes + 16 * g, x);
#pragma GCC unroll 4
      for (int c = 0; c < 4; c++) {
        __m512i low = _mm512_shuffle_epi8(table, _mm512_and_si512(x[c], nibble));
        __m512i high =
            _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(x[c], 4), nibble));
#pragma GCC unroll 8
        for (int h = 0; h < H; h++) {
          int32_t four[2];
          __builtin_memcpy(four, q + h * D + 32 * g + 8 * c, 8);
          dots[h] = _mm512_dpbusd_epi32(dots[h], low, _mm512_set1_epi32(four[0]));
          dots[h] = _mm512_dpbusd_epi32(dots[h], high, _mm512_set1_epi32(four[1]));
        }
      }
      const Vector scale = keyScales<F, D>(scales, g);
#pragma GCC unroll 8
      for (int h = 0; h < H; h++) {
        Vector dot = _mm512_cvtepi32_ps(dots[h]) * all(states[h * (D / 32) + g].unit);
        sums[h] = multiplyAdd(dot, scale, sums[h]);
      }
    }
#pragma GCC unroll 8
    for (int h = 0; h < H; h++) {
      store(logits + h * STRIDE, sums[h]);
    }
  }

  template <int H>
  static int heads(const Work& work, int head, const Rows& rows) {
    for (; head + H <= work.heads; head += H) {
      float* logits = work.logits + head * STRIDE + rows.at;
      int at = 0;
      for (; at + KEYS <= rows.count; at += KEYS) {
        keys<H>(work, head, rows.codes + at * (D / 2), rows.scales + at * (D / 32), logits + at);
      }
      if (at < rows.count) {
        alignas(64) uint8_t codes[KEYS * D / 2] = {};
        alignas(64) uint8_t scales[KEYS * D / 32] = {};
        __builtin_memcpy(codes, rows.codes + at * (D / 2), (rows.count - at) * (D / 2));
        __builtin_memcpy(scales, rows.scales + at * (D / 32), (rows.count - at) * (D / 32));
        keys<H>(work, head, codes, scales, logits + at);
      }
    }
    return head;
  }

  static void run(const Work& work, const Rows& rows) {
    int head = heads<8>(work, 0, rows);
    head = heads<4>(work, head, rows);
    head = heads<2>(work, head, rows);
    heads<1>(work, head, rows);
  }
};

template <Format F>
static Kernel octetScan(int dim) {
  return dim == 64 ? OctetScan<F, 64>::run : dim == 128 ? OctetScan<F, 128>::run
                                                        : OctetScan<F, 256>::run;
}

static Kernel scanOf(int format, int dim) {
  return format == MXFP4  ? octetScan<MXFP4>(dim)
         : format == LM16 ? octetScan<LM16>(dim)
                          : scoreOf(format, dim);
}

static void prepareScan(int format, const Work& work) {
  if (format == MXFP4) {
    roundToOctets<MXFP4>(work);
  } else if (format == LM16) {
    roundToOctets<LM16>(work);
  }
}
