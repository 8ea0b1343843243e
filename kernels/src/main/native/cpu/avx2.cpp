#include <immintrin.h>

#include "../math/e4m3.h"
#include "levels.h"
#include "plan.h"

namespace kvcache {
namespace avx2 {

#include "avx2.h"
#include "tiles.h"
#include "elements.h"
#include "nibbles.h"

}  // namespace avx2
}  // namespace kvcache
