// The entry points that Java calls.
#include "plan.h"

#define KV_EXPORT __attribute__((visibility("default")))

namespace kvcache {

// The highest level of this processor whose code was built.
static Level best() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("f16c")) {
    return __builtin_cpu_supports("avx512vnni") ? AVX512_VNNI : AVX512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c")) {
    return AVX2;
  }
#endif
  return PORTABLE;
}

static const Entries& entriesOf(const void* buffer) {
  switch (((const Plan*)buffer)->level) {
#if defined(__x86_64__)
    case AVX512_VNNI:
      return avx512vnni::entries;
    case AVX512:
      return avx512::entries;
    case AVX2:
      return avx2::entries;
#endif
    default:
      return portable::entries;
  }
}

}  // namespace kvcache

extern "C" {

KV_EXPORT int32_t kvcache_cpu_level() { return kvcache::best(); }

KV_EXPORT int64_t kvcache_cpu_buffer_bytes(int32_t headDim, int32_t heads) {
  return kvcache::bufferOf(headDim, heads).bytes;
}

KV_EXPORT void kvcache_cpu_attend(void* buffer, const void* memory, const void* runs,
                                  int64_t runCount, const void* staged, int64_t stagedCount,
                                  float logitScale) {
  using namespace kvcache;
  Call call = {(const uint8_t*)memory, (const Run*)runs, runCount, (const float*)staged,
               stagedCount,            logitScale};
  entriesOf(buffer).attend((uint8_t*)buffer, call);
}

KV_EXPORT void kvcache_cpu_query(void* buffer) {
  kvcache::entriesOf(buffer).query((uint8_t*)buffer);
}

KV_EXPORT void kvcache_cpu_scan(void* buffer, const void* memory, const void* runs,
                                int64_t runCount, void* logits, int64_t offset, int64_t stride) {
  using namespace kvcache;
  Scan scan = {(const uint8_t*)memory, (const Run*)runs, runCount, (float*)logits + offset, stride};
  entriesOf(buffer).scan((uint8_t*)buffer, scan);
}
}
