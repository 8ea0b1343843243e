// Registers of one lane, as the compilers of both sides know them.
#pragma once

#include <stdint.h>

// What gfx950 has and gfx942 has not. The emulation has it too, unless it is asked to do without.
#if defined(__gfx950__) || (defined(KV_EMULATED) && !defined(KV_CDNA3))
#define KV_CDNA4
#endif

namespace kvcache::hip {

using Float4 = float __attribute__((vector_size(16)));
using Word2 = uint32_t __attribute__((vector_size(8)));
using Word4 = uint32_t __attribute__((vector_size(16)));
struct Word8 {
  Word4 low;
  Word4 high;
};

}  // namespace kvcache::hip
