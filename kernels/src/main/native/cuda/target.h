// The target of the kernels in simt/: NVIDIA, from sm_80 on.
#pragma once

#include <type_traits>

#include "../simt/fresh.h"
#include "matrix.h"
#include "stages.h"
#include "warpgroup.h"

namespace kvcache::cuda {

// WARPGROUP: four warps that share their query rows and have a chunk each multiply together.
template <bool WARPGROUP>
struct TargetOf {
  template <int TILES>
  using Matrix = cuda::Matrix<TILES>;

  template <class M, class F, int D, bool SHARE_ROWS>
  using Scores = std::conditional_t<WARPGROUP && SHARE_ROWS && !F::IS_BF16,
                                    WarpgroupScores<M, F, D>, HalfScores<M, F, D>>;

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

#if defined(__CUDA_ARCH_FEAT_SM90_ALL) || KV_EMULATED_SM90
using Target = TargetOf<true>;
#else
using Target = TargetOf<false>;
#endif

}  // namespace kvcache::cuda
