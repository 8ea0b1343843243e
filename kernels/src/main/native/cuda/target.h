// The target of the kernels in simt/: NVIDIA, from sm_80 on.
#pragma once

#include "../simt/fresh.h"
#include "matrix.h"
#include "stages.h"

namespace kvcache::cuda {

struct Target {
  template <int TILES>
  using Matrix = cuda::Matrix<TILES>;

  // As many stages as hide the memory's latency and leave room for further blocks.
  static constexpr int depth(int stageBytes) {
    return stageBytes <= 9 << 10 ? 4 : stageBytes <= 18 << 10 ? 3 : 2;
  }

  template <class KF, class VF, int D, int WAVES, bool KEYS_ONLY = false>
  using Stages = cuda::Stages<KF, VF, D, WAVES,
                              depth(WAVES * (KEYS_ONLY ? ChunkShape<KF, VF, D>::VALUE_CODES
                                                       : ChunkShape<KF, VF, D>::BYTES)),
                              KEYS_ONLY>;

  template <class F, int D, int WAVES>
  using FreshStages = SharedFreshRows<F, D, WAVES, StagedChunk<F, F, D>>;
};

}  // namespace kvcache::cuda
