// Registers of one lane, as the compilers of both sides know them.
#pragma once

#include <stdint.h>

namespace kvcache::hip {

using Float4 = float __attribute__((vector_size(16)));
using Word2 = uint32_t __attribute__((vector_size(8)));
using Word4 = uint32_t __attribute__((vector_size(16)));
struct Word8 {
  Word4 low;
  Word4 high;
};

}  // namespace kvcache::hip
