// The modules; see instances.h.
#pragma once

#include "instances.h"

#if defined(KV_MODULE_common)
KV_INSTANCE(kvcache_mass, MassArgs, 1, Mass)
KV_INSTANCE(kvcache_topk, TopKArgs, 1, TopK)
KV_INSTANCE(kvcache_copy, CopyArgs, 1, Copy)
#endif

#if defined(KV_MODULE_bf16)
KV_DIMS(KV_SCHEME, bf16, Bf16, Bf16, StoreBf16, StoreBf16)
KV_DIMS(KV_KEYS, bf16, Bf16)
#endif

#if defined(KV_MODULE_fp8)
KV_DIMS(KV_SCHEME, fp8, Fp8, Fp8, StoreFp8, StoreFp8)
KV_DIMS(KV_KEYS, fp8, Fp8)
#endif

#if defined(KV_MODULE_mxfp4)
KV_DIMS(KV_SCHEME, mxfp4, Mxfp4, Mxfp4, StoreMxfp4, StoreMxfp4)
KV_DIMS(KV_KEYS, mxfp4, Mxfp4)
#endif

#if defined(KV_MODULE_k8v4)
KV_DIMS(KV_SCHEME, k8v4, Fp8, Lm16, StoreFp8, StoreLm16)
#endif

#if defined(KV_MODULE_lm16)
KV_DIMS(KV_SCHEME, lm16, Lm16, Lm16, StoreLm16, StoreLm16)
KV_DIMS(KV_KEYS, lm16, Lm16)
#endif
