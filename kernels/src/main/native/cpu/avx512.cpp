// Built twice: with VNNI's dot products, and without.
#include <immintrin.h>

#include "../math/e4m3.h"
#include "levels.h"
#include "plan.h"

namespace kvcache {
#if defined(__AVX512VNNI__)
namespace avx512vnni {
#else
namespace avx512 {
#endif

#include "avx512.h"
#include "tiles.h"
#include "elements.h"
#include "nibbles.h"

}
}  // namespace kvcache
