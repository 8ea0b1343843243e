// What Java hands over. One buffer for a kernel begins with a Plan, filled in once; behind it lie
// the arrays of Buffer. Java's twin is org.kvcache.kernels.cpu.NativePlan.
#pragma once

#include <stdint.h>

namespace kvcache {

enum Format : int32_t { MXFP4 = 0, LM16 = 1, FP8 = 2, BF16 = 3, F32 = 4, FORMATS = 5 };

enum Level : int32_t { PORTABLE = 0, AVX2 = 1, AVX512 = 2, AVX512_VNNI = 3 };

struct Plan {
  int32_t headDim;  // 64, 128 or 256
  int32_t heads;    // query heads that share the KV head
  int32_t keyFormat;
  int32_t valueFormat;
  int32_t level;
  int32_t rotateKeys;
  int32_t fp8Queries;
  float valueUnit;
  int64_t keyCodes;  // planes of a block, in bytes from its start
  int64_t keyScales;
  int64_t valueCodes;
  int64_t valueScales;
};

static_assert(sizeof(Plan) == 64, "as in NativePlan");

// Rows of one block, one after the other, that are attended to.
struct Run {
  int64_t block;  // bytes from the start of the memory
  int32_t row;
  int32_t count;
};

// Tokens that are scored, weighed and added up at a time.
constexpr int TILE = 256;
// Floats from the logits of a head to those of the next; a step may write beyond the tile's end.
constexpr int STRIDE = TILE + 16;

// Where the arrays lie, in bytes from the start of the buffer. Java fills in factors, means and
// queries and reads outputs; the rest is scratch.
struct Buffer {
  int64_t factors;  // [headDim]: sign * scale of key channels
  int64_t means;    // [headDim]: mean of key channels
  int64_t queries;  // [heads][headDim]
  int64_t outputs;  // [heads][headDim]
  int64_t stored;   // [heads][headDim]: queries in the basis of the stored keys
  int64_t words;    // [heads][headDim, 128 at least]: the same as 16-bit integers
  int64_t logits;   // [heads][STRIDE]
  int64_t sums;     // [heads][headDim, 128 at least]
  int64_t staged;   // the same, of staged rows
  int64_t states;   // [heads] of HeadState
  int64_t bytes;
};

struct HeadState {
  float largest;   // logit so far, scaled
  float sum;       // of weights, under that
  float unit;      // of the words' dot products
  float constant;  // q * mean
};

inline int64_t aligned(int64_t bytes) { return (bytes + 63) & -64; }

// Floats from the sums, or words, of a head to those of the next.
inline int sumStride(int dim) { return dim < 128 ? 128 : dim; }

inline Buffer bufferOf(int64_t dim, int64_t heads) {
  int64_t rows = heads * dim * 4;
  Buffer at;
  at.factors = sizeof(Plan);
  at.means = at.factors + dim * 4;
  at.queries = at.means + dim * 4;
  at.outputs = at.queries + rows;
  at.stored = aligned(at.outputs + rows);
  at.words = aligned(at.stored + rows);
  at.logits = aligned(at.words + heads * sumStride((int)dim) * 2);
  at.sums = aligned(at.logits + heads * STRIDE * 4);
  at.staged = aligned(at.sums + heads * sumStride((int)dim) * 4);
  at.states = aligned(at.staged + heads * sumStride((int)dim) * 4);
  at.bytes = aligned(at.states + heads * (int64_t)sizeof(HeadState));
  return at;
}

// Attends, at one level. Staged rows lie in two arrays, first all keys, then all values.
struct Call {
  const uint8_t* memory;
  const Run* runs;
  int64_t runCount;
  const float* staged;
  int64_t stagedCount;
  float logitScale;
};

// Writes the logits of keys, those of a query stride floats behind those of the one before.
struct Scan {
  const uint8_t* memory;
  const Run* runs;
  int64_t runCount;
  float* logits;
  int64_t stride;
};

// What a level does with a buffer: attends; takes the queries of the scans that follow; scans.
struct Entries {
  void (*attend)(uint8_t* buffer, const Call& call);
  void (*query)(uint8_t* buffer);
  void (*scan)(uint8_t* buffer, const Scan& scan);
};

namespace portable {
extern const Entries entries;
}
namespace avx2 {
extern const Entries entries;
}
namespace avx512 {
extern const Entries entries;
}
namespace avx512vnni {
extern const Entries entries;
}

}  // namespace kvcache
