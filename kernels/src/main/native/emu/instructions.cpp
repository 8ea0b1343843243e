// CDNA's emulated matrix instructions as a plain function, for a test that knows only their layouts.
#include "../hip/emulated.h"

#include <string.h>

namespace {

using namespace kvcache::hip;

template <class A, class B>
void wave(const uint32_t* a, const uint32_t* b, const uint32_t* scaleA, const uint32_t* scaleB,
          const float* c, float* d) {
  for (int lane = 0; lane < 64; lane++) {
    Float4 sums;
    memcpy(&sums, c + 4 * lane, sizeof sums);
    sums = emulated::multiply<A, B>({a, A::WORDS}, {b, B::WORDS}, {scaleA, 1}, {scaleB, 1}, sums,
                                    lane);
    memcpy(d + 4 * lane, &sums, sizeof sums);
  }
}

}  // namespace

// Registers of lane 0, of lane 1 and so on. Formats: 0 FP16, 1 BF16, 2 E2M1 by E4M3, 3 E4M3; the
// first two have no scales. 0, or 1 for a format that there is not.
extern "C" int kvcache_emu_mfma(int format, const uint32_t* a, const uint32_t* b,
                                const uint32_t* scaleA, const uint32_t* scaleB, const float* c,
                                float* d) {
  switch (format) {
    case 0:
      wave<emulated::Half, emulated::Half>(a, b, scaleA, scaleB, c, d);
      return 0;
    case 1:
      wave<emulated::Bf16, emulated::Bf16>(a, b, scaleA, scaleB, c, d);
      return 0;
    case 2:
      wave<emulated::E2M1, emulated::E4M3>(a, b, scaleA, scaleB, c, d);
      return 0;
    case 3:
      wave<emulated::E4M3, emulated::E4M3>(a, b, scaleA, scaleB, c, d);
      return 0;
    default:
      return 1;
  }
}
