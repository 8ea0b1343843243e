// The kernels for AMD. Built once per architecture: build.sh.
#include "platform.h"
#include "target.h"
#include "../simt/instances.h"

#if defined(KV_CDNA4)
#define KV_SHARED_BYTES (160 << 10)
#else
#define KV_SHARED_BYTES (64 << 10)
#endif

// Blocks that are to share a compute unit bound the registers of a lane.
#define KV_DECODES_64 4
#define KV_DECODES_128 4
#define KV_DECODES_256 2
#define KV_BLOCKS_64 4
#define KV_BLOCKS_128 3
#define KV_BLOCKS_256 2

#define KV_SCHEME(SCHEME, KF, VF, KS, VS, D)                                                      \
  KV_INSTANCE(kvcache_store_##SCHEME##_##D, StoreArgs, 1, Store<KS, VS, KF::BITS, VF::BITS, D>)   \
  KV_ATTEND(kvcache_attend_##SCHEME##_##D##_decode16, KV_DECODES_##D, hip::Target, KF, VF, D, 1,  \
            true)                                                                                 \
  KV_ATTEND(kvcache_attend_##SCHEME##_##D##_block, KV_BLOCKS_##D, hip::Target, KF, VF, D, 1, false)

#define KV_KEYS(FORMAT, KF, D) \
  KV_INSTANCE(kvcache_score_##FORMAT##_##D, ScoreArgs, 1, Score<hip::Target, KF, D, 1>)

#include "../simt/modules.h"
