// Arguments of the kernels, the same bytes for the host (Java, through FFM), CUDA, HIP and the
// emulation. Every struct is passed by value as the only parameter of a kernel. Pointers are device
// addresses; counts are in elements, sizes in bytes. Java's twin is org.kvcache.kernels.device.Abi.
#pragma once

#include <stdint.h>

namespace kvcache {

// What an array of numbers is made of.
enum Element : int32_t { F32 = 0, F16 = 1, BF16 = 2 };

// Which fresh tokens a query token sees.
enum Mask : int32_t {
  ALL_FRESH = 0,  // all of them: block diffusion
  CAUSAL = 1      // those up to its own place, the last query token being the last fresh one
};

// Rule by which mxfp4 chooses its scales (quant4bit/FORMATS.md).
enum Rule : int32_t { T7 = 0, OCP = 1, UQ = 2 };

// Where the encoded blocks of one layer lie.
struct BlockLayout {
  uint8_t* base;        // block of KV head 0 in slot 0
  int64_t slotBytes;    // from a slot to the next
  int64_t headBytes;    // from the block of a KV head to that of the next
  int32_t keyScales;    // planes, in bytes from the block; key codes are at 0
  int32_t valueCodes;
  int32_t valueScales;
  int32_t blockTokens;  // a power of two, 16 or more
};

// Every kernel NAME has a global variable NAME_info of this type.
struct KernelInfo {
  int32_t threads;      // of a block
  int32_t rows;         // query rows of a tile, 0 where there are none
  int32_t sharedBytes;  // dynamic shared memory
};

// Encodes rows into slots: grid (ceil(tokens / 4), kvHeads), 128 threads.
struct StoreArgs {
  BlockLayout kv;
  const void* keys;        // [tokens][kvHeads][headDim] of type rows
  const void* values;      // the same
  const int64_t* places;   // [tokens]: slot * blockTokens + row; below 0: not stored
  const float* keyMean;    // [kvHeads][headDim], or null for 0
  const float* keyDivide;  // [kvHeads][headDim]: sign / scale, or null for 1
  const float* valueUnit;  // [kvHeads], or null for 1
  int64_t tokenStride;     // elements from a token to the next in keys and values
  int32_t tokens;
  int32_t kvHeads;
  int32_t rows;            // Element
  int32_t rule;            // Rule
  int32_t rotate;          // 1: keys are rotated by the Walsh-Hadamard transform
  int32_t reserved;
};

// Attention: grid (splits, ceil(queryTokens * group / rows of a tile), sequences * kvHeads).
// The kernels called decode take no fresh rows: freshTokens must be 0.
// There are at most 1024 splits. partial and arrived count tiles as (sequence * kvHeads + head) * gridDim.y + row tile.
struct AttendArgs {
  BlockLayout kv;
  const int32_t* table;      // slots: table[sequence * tableStride + head * tableHeadStride + i]
  const int32_t* lengths;    // tokens in blocks: lengths[sequence * lengthStride + head * lengthHeadStride]
  const void* q;             // [sequences][queryTokens][kvHeads * group][headDim] of type queries
  const float* queryFactor;  // [kvHeads][headDim]: sign * scale, or null for 1
  const float* keyMean;      // [kvHeads][headDim], or null for 0; for fresh keys
  const float* valueUnit;    // [kvHeads], or null for 1
  const void* freshKeys;     // [sequences][freshStride][kvHeads][headDim] of type fresh
  const void* freshValues;   // the same
  float* out;                // [sequences][queryTokens][kvHeads * group][headDim]
  float* lse;                // [sequences][queryTokens][kvHeads * group], natural, or null
  float* partial;            // splits > 1: per (tile, split) rows * (headDim + 2) floats
  uint32_t* arrived;         // splits > 1: one counter per tile, 0 before and after
  int64_t tableStride;
  int32_t tableHeadStride;
  int32_t lengthStride;
  int32_t lengthHeadStride;
  int32_t kvHeads;
  int32_t group;             // query heads per KV head, 1 to 16
  int32_t queryTokens;
  int32_t queries;           // Element
  int32_t fresh;             // Element
  int32_t freshTokens;
  int32_t freshStride;
  int32_t mask;              // Mask
  int32_t sinks;             // leading tokens that are always seen
  int32_t window;            // trailing tokens that are seen, of those in blocks and fresh
  int32_t rotate;            // 1: queries are rotated
  float logitScale;
  int32_t reserved;
};

// Logits of queries over the tokens in blocks: the grid of AttendArgs.
struct ScoreArgs {
  BlockLayout kv;
  const int32_t* table;
  const int32_t* lengths;
  const void* q;
  const float* queryFactor;
  float* logits;             // [sequences][kvHeads][queryTokens * group][logitStride]
  float* stats;              // [sequences][kvHeads][splits][queryTokens * group][2]: max, sum
  int64_t tableStride;
  int64_t logitStride;
  int32_t tableHeadStride;
  int32_t lengthStride;
  int32_t lengthHeadStride;
  int32_t kvHeads;
  int32_t group;
  int32_t queryTokens;
  int32_t queries;
  int32_t rotate;
  float logitScale;
  int32_t reserved;
};

// Softmax mass per page, averaged over query rows: grid (ceil(pages / 128), sequences * kvHeads),
// 128 threads.
struct MassArgs {
  const float* logits;
  const float* stats;
  const int32_t* lengths;
  float* mass;               // [sequences][kvHeads][massStride]; 0 beyond the length
  int64_t logitStride;
  int64_t massStride;
  int32_t lengthStride;
  int32_t lengthHeadStride;
  int32_t kvHeads;
  int32_t rows;              // queryTokens * group
  int32_t splits;            // of the scores
  int32_t pageTokens;        // 1: token by token
  int32_t pages;             // entries to write
  int32_t reserved;
};

// The k greatest of each list, ties to the lower index, indices ascending: grid (lists), 256
// threads.
struct TopKArgs {
  const float* values;       // [lists][stride], none below 0 and no NaN
  const int32_t* counts;     // [lists], or null: count
  int32_t* indices;          // [lists][k]; -1 beyond what there is
  int64_t stride;
  int32_t count;
  int32_t k;
};

// Copies pages, from anywhere the device can read to anywhere it can write: grid (pages, parts),
// 256 threads. Gather is a copy whose source is pinned host memory.
struct CopyArgs {
  const uint8_t* source;
  uint8_t* target;
  const int32_t* from;       // [pages]: source page; below 0: nothing is copied
  const int32_t* to;         // [pages]: target page
  int64_t sourceStride;      // bytes from a page to the next, multiples of 16
  int64_t targetStride;
  int64_t bytes;             // of a page, a multiple of 16
};

}  // namespace kvcache
