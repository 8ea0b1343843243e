// Vectors of 256 bits: what tiles.h, elements.h and nibbles.h are written in.

using Vector = __m256;
typedef int Ints __attribute__((vector_size(32)));
using Words = __m256i;

static constexpr int WIDTH = 8;
static constexpr int GROUPS = 2;
static constexpr int HEADS = 2;

static inline Vector load(const float* from) { return _mm256_loadu_ps(from); }
static inline void store(float* to, Vector x) { _mm256_storeu_ps(to, x); }
static inline Vector all(float x) { return _mm256_set1_ps(x); }
static inline Vector multiplyAdd(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }

// The lower eight bytes as E4M3; NaN is not kept. As FP16 their bits mean numbers 2^-8 times as
// large.
static inline Vector e4m3(__m128i bytes) {
  __m128i halves = _mm_slli_epi16(_mm_cvtepi8_epi16(bytes), 7);
  return _mm256_cvtph_ps(_mm_and_si128(halves, _mm_set1_epi16((short)0xbfff))) * 256.0f;
}

// NaN where a byte equals that of nan.
static inline Vector withNans(__m128i bytes, __m128i nan, Vector x) {
  __m256i found = _mm256_cvtepi8_epi32(_mm_cmpeq_epi8(bytes, nan));
  return _mm256_blendv_ps(x, all(__builtin_nanf("")), _mm256_castsi256_ps(found));
}

static inline Vector e4m3WithNans(__m128i bytes) {
  const __m128i nan = _mm_set1_epi8(0x7f);
  return withNans(_mm_and_si128(bytes, nan), nan, e4m3(bytes));
}

template <Format F, bool NANS>
static inline Vector element(const uint8_t* from) {
  if constexpr (F == F32) {
    return _mm256_loadu_ps((const float*)from);
  } else if constexpr (F == BF16) {
    __m256i words = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(words, 16));
  } else {
    __m128i bytes = _mm_loadl_epi64((const __m128i*)from);
    return NANS ? e4m3WithNans(bytes) : e4m3(bytes);
  }
}

// Looks for NaN among count bytes of E4M3, a multiple of 32.
static inline bool anyNan(const uint8_t* codes, int count) {
  const __m256i nan = _mm256_set1_epi8(0x7f);
  __m256i found = _mm256_setzero_si256();
  for (int i = 0; i < count; i += 32) {
    __m256i size = _mm256_and_si256(_mm256_loadu_si256((const __m256i*)(codes + i)), nan);
    found = _mm256_or_si256(found, _mm256_cmpeq_epi8(size, nan));
  }
  return !_mm256_testz_si256(found, found);
}

// Four numbers, each the sum of a 128-bit half's number of that place.
static inline __m128 halves(Vector x) {
  return _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
}

static inline void fourSums(float* to, const Vector x[4]) {
  Vector both = _mm256_hadd_ps(_mm256_hadd_ps(x[0], x[1]), _mm256_hadd_ps(x[2], x[3]));
  _mm_storeu_ps(to, halves(both));
}

// Keys. Vectors 0 and 1 of a chunk have the low nibbles of its bytes, 2 and 3 the high ones, in the
// order in which unpacking leaves them.
static inline int wordElement(int j, int word) {
  int byte = 16 * (word / 8) + 8 * (j % 2) + word % 8;
  return 2 * byte + j / 2;
}

// The low and the high bytes of what nibbles stand for.
struct Table {
  __m256i low;
  __m256i high;
};

static inline __m256i twice(const ByteTable& table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i*)table.of));
}

template <Format F>
static inline Table keyLevels() {
  static constexpr ByteTable low(F == MXFP4 ? E2M1_LEVELS : LM16_SIGNED, 0);
  static constexpr ByteTable high(F == MXFP4 ? E2M1_LEVELS : LM16_SIGNED, 8);
  return {twice(low), twice(high)};
}

static inline Words zeroWords() { return _mm256_setzero_si256(); }

static inline Words loadWords(const int16_t* from) {
  return _mm256_loadu_si256((const __m256i*)from);
}

// Words for the bytes 0 to 7 and 8 to 15 of each half.
static inline void lookUp(__m256i nibbles, const Table& table, Words out[2]) {
  __m256i low = _mm256_shuffle_epi8(table.low, nibbles);
  __m256i high = _mm256_shuffle_epi8(table.high, nibbles);
  out[0] = _mm256_unpacklo_epi8(low, high);
  out[1] = _mm256_unpackhi_epi8(low, high);
}

static inline __m256i nibbles(const uint8_t* codes, bool high) {
  __m256i x = _mm256_loadu_si256((const __m256i*)codes);
  return _mm256_and_si256(high ? _mm256_srli_epi16(x, 4) : x, _mm256_set1_epi8(15));
}

template <Format F>
static inline void decode(const uint8_t* codes, const Table& table, Words out[4]) {
  lookUp(nibbles(codes, false), table, out);
  lookUp(nibbles(codes, true), table, out + 2);
}

static inline Words dot(Words sum, Words a, Words b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}

// Half g, place c: the sum of half g of x[c].
static inline Vector quads(const Words x[4]) {
  return _mm256_cvtepi32_ps(
      _mm256_hadd_epi32(_mm256_hadd_epi32(x[0], x[1]), _mm256_hadd_epi32(x[2], x[3])));
}

// Of the lower eight bytes.
template <Format F>
static inline Vector scalesOf(__m128i bytes) {
  if constexpr (F == MXFP4) {
    __m256i bits = _mm256_slli_epi32(_mm256_cvtepu8_epi32(bytes), 23);
    return withNans(bytes, _mm_set1_epi8(-1), _mm256_castsi256_ps(bits));
  } else {
    return e4m3WithNans(bytes);
  }
}

template <Format F>
static inline Vector scalesInOrder(const uint8_t* scales) {
  return scalesOf<F>(_mm_loadl_epi64((const __m128i*)scales));
}

// Half g, place c: the scale of group g of chunk c.
template <Format F>
static inline Vector scalesByGroup(const uint8_t* scales) {
  const __m128i byGroup = _mm_setr_epi8(0, 2, 4, 6, 1, 3, 5, 7, -1, -1, -1, -1, -1, -1, -1, -1);
  return scalesOf<F>(_mm_shuffle_epi8(_mm_loadl_epi64((const __m128i*)scales), byGroup));
}

template <int D>
static inline void storeTokens(float* to, Vector x) {
  __m128 chunks = halves(x);
  if constexpr (D == 64) {
    _mm_storeu_ps(to, chunks);
  } else if constexpr (D == 128) {
    _mm_storel_pi((__m64*)to, _mm_hadd_ps(chunks, chunks));
  } else {
    __m128 pairs = _mm_hadd_ps(chunks, chunks);
    _mm_store_ss(to, _mm_hadd_ps(pairs, pairs));
  }
}

// Values. Half 0 of a chunk's sums belongs to the low nibbles, half 1 to the high ones.
static inline int sumElement(int half, int i, int lane) {
  int byte = 16 * (lane / 4) + 8 * (i / 2) + 2 * (lane % 4) + i % 2;
  return 2 * byte + half;
}

template <Format F>
static inline Table valueLevels() {
  static constexpr ByteTable low(F == MXFP4 ? E2M1_BF16 : LM16_BF16, 0);
  static constexpr ByteTable high(F == MXFP4 ? E2M1_BF16 : LM16_BF16, 8);
  return {twice(low), twice(high)};
}

template <Format F, int HALF>
static inline void values(const uint8_t* codes, const Table& table, Vector out[4]) {
  Words words[2];
  lookUp(nibbles(codes, HALF == 1), table, words);
  for (int i = 0; i < 2; i++) {
    out[2 * i] = _mm256_castsi256_ps(_mm256_slli_epi32(words[i], 16));
    out[2 * i + 1] =
        _mm256_castsi256_ps(_mm256_and_si256(words[i], _mm256_set1_epi32((int)0xffff0000)));
  }
}

// The scales of chunk c, each four times.
static inline Vector spread(Vector scales, int c) {
  const __m256i groups = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
  return _mm256_permutevar8x32_ps(scales, _mm256_add_epi32(groups, _mm256_set1_epi32(2 * c)));
}

template <int TOKENS>
static inline Vector weightOf(const float* weights) {
  static_assert(TOKENS == 1, "a chunk is no longer than a row");
  return all(weights[0]);
}
