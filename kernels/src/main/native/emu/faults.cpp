// Kernels that are wrong, and one that is right, for tests of the emulation itself: what is found in
// them is found in real kernels. Each takes one word from `in` to `out` per thread.
#define KV_EMULATED 0
#include "platform.h"

namespace kvcache {

struct FaultArgs {
  const uint32_t* in;   // [THREADS]
  uint32_t* out;        // [THREADS]
};

namespace {

constexpr int THREADS = 64;
constexpr KernelInfo INFO = {THREADS, 0, THREADS * 4};

uint32_t* sharedWords() { return (uint32_t*)sharedBase(); }
int next(int thread) { return (thread + 1) % THREADS; }

}  // namespace

#define KV_FAULT(NAME, ...)                                 \
  KV_KERNEL_BODY(NAME, FaultArgs, THREADS, 1) {             \
    uint32_t* shared = sharedWords();                       \
    int me = threadId();                                    \
    (void)shared;                                           \
    __VA_ARGS__                                             \
  }                                                         \
  KV_KERNEL_END(NAME, FaultArgs, INFO)

KV_FAULT(kvcache_fault_none, {
  copyAsync<4>(shared + me, args.in + me);
  commitAsync();
  waitAsync<0>();
  syncBlock();
  args.out[me] = shared[next(me)];
})

KV_FAULT(kvcache_fault_read_past, { args.out[me] = args.in[me + 1]; })

KV_FAULT(kvcache_fault_read_before, { args.out[me] = args.in[me - 1]; })

KV_FAULT(kvcache_fault_write_past, { args.out[me + 1] = args.in[me]; })

KV_FAULT(kvcache_fault_write_before, { args.out[me - 1] = args.in[me]; })

KV_FAULT(kvcache_fault_shared_past, {
  shared[me + 1] = args.in[me];
  args.out[me] = shared[me + 1];
})

KV_FAULT(kvcache_fault_shared_unwritten, { args.out[me] = shared[me]; })

KV_FAULT(kvcache_fault_no_wait, {
  copyAsync<4>(shared + me, args.in + me);
  commitAsync();
  args.out[me] = shared[me];
  waitAsync<0>();
})

KV_FAULT(kvcache_fault_never_waits, {
  args.out[me] = args.in[me];
  copyAsync<4>(shared + me, args.in + me);
  commitAsync();
})

KV_FAULT(kvcache_fault_barrier_missed, {
  args.out[me] = args.in[me];
  if (me < THREADS / 2) {
    syncBlock();
  }
})

KV_FAULT(kvcache_fault_barriers_differ, {
  args.out[me] = args.in[me];
  if (me < THREADS / 2) {
    syncBlockAt(1);
  } else {
    syncBlockAt(2);
  }
})

KV_FAULT(kvcache_fault_race, {
  shared[me] = args.in[me];
  args.out[me] = shared[next(me)];
})

// Without poison to show it: every word was written, but some once more while others read.
KV_FAULT(kvcache_fault_late_write, {
  shared[me] = args.in[me];
  syncBlock();
  args.out[me] = shared[next(me)];
  shared[me] = 0;
})

}  // namespace kvcache
