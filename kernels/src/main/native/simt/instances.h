// The kernels by name, for one target, which has defined KV_SCHEME, KV_KEYS and KV_SHARED_BYTES, the
// shared memory that a block may have. A module is what one
// run of a compiler makes, so that several run side by side and a process loads what it needs:
// `common`, or the name of a scheme (its store and attention, and the scores of its keys).
#pragma once

#include "attend.h"
#include "copy.h"
#include "score.h"
#include "store.h"
#include "topk.h"

#define KV_INSTANCE(NAME, ARGS, MIN_BLOCKS, ...)                  \
  namespace kvcache {                                            \
  using NAME##_type = __VA_ARGS__;                               \
  static_assert(NAME##_type::INFO.sharedBytes <= KV_SHARED_BYTES); \
  KV_KERNEL_BODY(NAME, ARGS, NAME##_type::THREADS, MIN_BLOCKS) { \
    NAME##_type::run(args);                                      \
  }                                                              \
  KV_KERNEL_END(NAME, ARGS, NAME##_type::INFO)                   \
  }

#define KV_ATTEND(NAME, MIN_BLOCKS, ...)                                \
  namespace kvcache {                                                  \
  using NAME##_type = Attend<__VA_ARGS__>;                             \
  static_assert(NAME##_type::INFO.sharedBytes <= KV_SHARED_BYTES);     \
  KV_KERNEL_BODY(NAME, AttendArgs, NAME##_type::THREADS, MIN_BLOCKS) { \
    NAME##_type kernel(args);                                          \
    kernel.run();                                                      \
  }                                                                    \
  KV_KERNEL_END(NAME, AttendArgs, NAME##_type::INFO)                   \
  }

#define KV_DIMS(MACRO, ...) MACRO(__VA_ARGS__, 64) MACRO(__VA_ARGS__, 128) MACRO(__VA_ARGS__, 256)
