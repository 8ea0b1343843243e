// The kernels for NVIDIA. Built once per module and architecture: build.sh.
#include "platform.h"
#include "target.h"
#include "../simt/instances.h"

// Of sm_89 and sm_120, which have least.
#define KV_SHARED_BYTES (99 << 10)

// Blocks that are to share a multiprocessor bound the registers of a thread; rows of 256 elements
// need nearly all there are.
#define KV_BLOCKS_64 4
#define KV_BLOCKS_128 3
#define KV_BLOCKS_256 1

#define KV_SCHEME(SCHEME, KF, VF, KS, VS, D)                                                      \
  KV_INSTANCE(kvcache_store_##SCHEME##_##D, StoreArgs, 1, Store<KS, VS, KF::BITS, VF::BITS, D>)   \
  KV_ATTEND(kvcache_attend_##SCHEME##_##D##_decode8, KV_BLOCKS_##D, cuda::Target, KF, VF, D, 1,   \
            true)                                                                                 \
  KV_ATTEND(kvcache_attend_##SCHEME##_##D##_decode16, 1, cuda::Target, KF, VF, D, 2, true)        \
  KV_ATTEND(kvcache_attend_##SCHEME##_##D##_block, 1, cuda::Target, KF, VF, D, 2, false)

#define KV_KEYS(FORMAT, KF, D) \
  KV_INSTANCE(kvcache_score_##FORMAT##_##D, ScoreArgs, 1, Score<cuda::Target, KF, D, 2>)

#include "../simt/modules.h"
