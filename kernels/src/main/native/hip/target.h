// The target of the kernels in simt/: CDNA4 (gfx950), and CDNA3 (gfx942). The emulation runs what
// gfx950 runs.
#pragma once

#include "../simt/fresh.h"
#include "freshrows.h"
#include "matrix.h"
#include "scaledscores.h"
#include "stages.h"

namespace kvcache::hip {

struct Target {
  template <int TILES>
  using Matrix = hip::Matrix<TILES>;

  template <class M, class F, int D, bool>
  using Scores = typename ScoresOf<M, F, D>::Type;

#if defined(KV_CDNA4)
  // A compute unit has 160 KiB of shared memory: four blocks of up to 40 KiB, or fewer.
  static constexpr int depth(int stageBytes) {
    return stageBytes <= 8 << 10 ? 4 : stageBytes <= 18 << 10 ? 3 : 2;
  }

  template <class KF, class VF, int D, int WAVES, bool KEYS_ONLY = false>
  using Stages = RingStages<KF, VF, D, WAVES,
                            depth(WAVES * (KEYS_ONLY ? ChunkShape<KF, VF, D>::VALUE_CODES
                                                     : ChunkShape<KF, VF, D>::BYTES)),
                            KEYS_ONLY>;

  template <class F, int D, int WAVES>
  using FreshStages = SharedFreshRows<F, D, WAVES, Planes<F, F, D>>;
#else
  // A compute unit has 64 KiB: for queries.
  template <class KF, class VF, int D, int WAVES, bool KEYS_ONLY = false>
  using Stages = PlaceStages<KF, VF, D, WAVES>;

  template <class F, int D, int WAVES>
  using FreshStages = FreshRows<F, D>;
#endif
};

}  // namespace kvcache::hip
