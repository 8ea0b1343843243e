// Vectors of 512 bits: what tiles.h, elements.h and nibbles.h are written in.

using Vector = __m512;
typedef int Ints __attribute__((vector_size(64)));
using Words = __m512i;

static constexpr int WIDTH = 16;
static constexpr int GROUPS = 4;
static constexpr int HEADS = 4;

static inline Vector load(const float* from) { return _mm512_loadu_ps(from); }
static inline void store(float* to, Vector x) { _mm512_storeu_ps(to, x); }
static inline Vector all(float x) { return _mm512_set1_ps(x); }
static inline Vector multiplyAdd(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }

// Bytes of E4M3; NaN is not kept. As FP16 their bits mean numbers 2^-8 times as large.
static inline Vector e4m3(__m128i bytes) {
  __m256i halves = _mm256_slli_epi16(_mm256_cvtepi8_epi16(bytes), 7);
  return _mm512_cvtph_ps(_mm256_and_si256(halves, _mm256_set1_epi16((short)0xbfff))) * 256.0f;
}

static inline __mmask16 e4m3Nans(__m128i bytes) {
  const __m128i nan = _mm_set1_epi8(0x7f);
  return _mm_cmpeq_epi8_mask(_mm_and_si128(bytes, nan), nan);
}

static inline Vector withNans(__mmask16 nans, Vector x) {
  return _mm512_mask_blend_ps(nans, x, all(__builtin_nanf("")));
}

template <Format F, bool NANS>
static inline Vector element(const uint8_t* from) {
  if constexpr (F == F32) {
    return _mm512_loadu_ps(from);
  } else if constexpr (F == BF16) {
    __m256i words = _mm256_loadu_si256((const __m256i*)from);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(words), 16));
  } else {
    __m128i bytes = _mm_loadu_si128((const __m128i*)from);
    return NANS ? withNans(e4m3Nans(bytes), e4m3(bytes)) : e4m3(bytes);
  }
}

// Looks for NaN among count bytes of E4M3, a multiple of 64.
static inline bool anyNan(const uint8_t* codes, int count) {
  const __m512i nan = _mm512_set1_epi8(0x7f);
  __mmask64 found = 0;
  for (int i = 0; i < count; i += 64) {
    found |= _mm512_cmpeq_epi8_mask(_mm512_and_si512(_mm512_loadu_si512(codes + i), nan), nan);
  }
  return found != 0;
}

// Four numbers, each the sum of a 128-bit quarter's number of that place.
static inline __m128 quarters(Vector x) {
  __m256 half = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
  return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

static inline void fourSums(float* to, const Vector x[4]) {
  Vector ab = _mm512_unpacklo_ps(x[0], x[1]) + _mm512_unpackhi_ps(x[0], x[1]);
  Vector cd = _mm512_unpacklo_ps(x[2], x[3]) + _mm512_unpackhi_ps(x[2], x[3]);
  __m512d low = _mm512_unpacklo_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
  __m512d high = _mm512_unpackhi_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
  _mm_storeu_ps(to, quarters(_mm512_castpd_ps(low) + _mm512_castpd_ps(high)));
}

// Keys. Vector j of a chunk has nibble j of each 16-bit word.
static inline int wordElement(int j, int word) { return 4 * word + j; }

template <Format F>
static inline Words keyLevels() {
  const int16_t* levels = F == MXFP4 ? E2M1_LEVELS : LM16_SIGNED;
  // Twice, as five bits are looked up, the last of them the next nibble's.
  return _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i*)levels));
}

static inline Words zeroWords() { return _mm512_setzero_si512(); }
static inline Words loadWords(const int16_t* from) { return _mm512_loadu_si512(from); }

template <Format F>
static inline void decode(const uint8_t* codes, Words table, Words out[4]) {
  __m512i x = _mm512_loadu_si512(codes);
  out[0] = _mm512_permutexvar_epi16(x, table);
  out[1] = _mm512_permutexvar_epi16(_mm512_srli_epi16(x, 4), table);
  out[2] = _mm512_permutexvar_epi16(_mm512_srli_epi16(x, 8), table);
  out[3] = _mm512_permutexvar_epi16(_mm512_srli_epi16(x, 12), table);
}

static inline Words dot(Words sum, Words a, Words b) {
#if defined(__AVX512VNNI__)
  return _mm512_dpwssd_epi32(sum, a, b);
#else
  return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
#endif
}

// Quarter g, place c: the sum of quarter g of x[c].
static inline Vector quads(const Words x[4]) {
  Words ab = _mm512_add_epi32(_mm512_unpacklo_epi32(x[0], x[1]), _mm512_unpackhi_epi32(x[0], x[1]));
  Words cd = _mm512_add_epi32(_mm512_unpacklo_epi32(x[2], x[3]), _mm512_unpackhi_epi32(x[2], x[3]));
  return _mm512_cvtepi32_ps(
      _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd)));
}

template <Format F>
static inline Vector scalesOf(__m128i bytes) {
  if constexpr (F == MXFP4) {
    Vector x = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu8_epi32(bytes), 23));
    return withNans(_mm_cmpeq_epi8_mask(bytes, _mm_set1_epi8(-1)), x);
  } else {
    return withNans(e4m3Nans(bytes), e4m3(bytes));
  }
}

template <Format F>
static inline Vector scalesInOrder(const uint8_t* scales) {
  return scalesOf<F>(_mm_loadu_si128((const __m128i*)scales));
}

// Quarter g, place c: the scale of group g of chunk c.
template <Format F>
static inline Vector scalesByGroup(const uint8_t* scales) {
  const __m128i byGroup = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return scalesOf<F>(_mm_shuffle_epi8(_mm_loadu_si128((const __m128i*)scales), byGroup));
}

template <int D>
static inline void storeTokens(float* to, Vector x) {
  if constexpr (D == 64) {
    __m256 even = _mm512_castps512_ps256(x);
    __m256 odd = _mm512_extractf32x8_ps(x, 1);
    __m128 first = _mm_add_ps(_mm256_castps256_ps128(even), _mm256_extractf128_ps(even, 1));
    __m128 second = _mm_add_ps(_mm256_castps256_ps128(odd), _mm256_extractf128_ps(odd, 1));
    _mm_storeu_ps(to, _mm_unpacklo_ps(first, second));
    _mm_storeu_ps(to + 4, _mm_unpackhi_ps(first, second));
  } else if constexpr (D == 128) {
    _mm_storeu_ps(to, quarters(x));
  } else {
    __m128 chunks = quarters(x);
    _mm_storel_pi((__m64*)to, _mm_hadd_ps(chunks, chunks));
  }
}

// Values. Vector 4 * half + i of a chunk has that nibble of each 32-bit word.
static inline int sumElement(int half, int i, int lane) { return 8 * lane + 4 * half + i; }

template <Format F>
static inline Vector valueLevels() {
  const int16_t* levels = F == MXFP4 ? E2M1_LEVELS : LM16_SIGNED;
  __m512i words = _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i*)levels));
  return _mm512_cvtepi32_ps(words) * (F == MXFP4 ? 0.5f : 0x1p-7f);
}

template <Format F, int HALF>
static inline void values(const uint8_t* codes, Vector table, Vector out[4]) {
  __m512i x = _mm512_loadu_si512(codes);
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    out[i] = _mm512_permutexvar_ps(_mm512_srli_epi32(x, 16 * HALF + 4 * i), table);
  }
}

// The scales of chunk c, each four times.
static inline Vector spread(Vector scales, int c) {
  const __m512i groups = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  return _mm512_permutexvar_ps(_mm512_add_epi32(groups, _mm512_set1_epi32(4 * c)), scales);
}

template <int TOKENS>
static inline Vector weightOf(const float* weights) {
  if constexpr (TOKENS == 1) {
    return all(weights[0]);
  } else {
    return _mm512_insertf32x8(all(weights[0]), _mm256_set1_ps(weights[1]), 1);
  }
}
