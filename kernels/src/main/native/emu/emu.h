// A GPU on the host: blocks of lanes that run one after the other as fibers, warps or waves that
// meet at collective operations, shared memory. Kernels see it through emu/platform.h; programs
// through the C functions at the end. One launch at a time.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace kvcache::emu {

constexpr int EXCHANGE_WORDS = 24;
using Exchanged = uint32_t[EXCHANGE_WORDS];

struct Index {
  uint32_t x, y, z;
};

// Where the running lane is.
uint32_t threadIndex();
Index blockIndex();
Index gridSize();
uint32_t waveLanes();

uint8_t* sharedMemory();

// Meets the other lanes of the block, or of the wave. The tag names the operation: lanes that meet
// in different ones are an error, as are lanes that do not come, because they are done too.
void meetBlock(uint32_t tag);
void meetWave(uint32_t tag);

// Every lane of the wave gives words; what lane l gave is at [l] until the next exchange.
const Exchanged* exchange(const uint32_t* words, int count, uint32_t tag);

// As asynchronous copies: bytes arrive when the group they are in has been waited for, no sooner.
void copyAsync(void* shared, const void* global, size_t bytes);
void commitAsync();
void waitAsync(int groupsLeft);

// Stops the launch with this text.
[[noreturn]] void fail(const char* what);

using Kernel = void (*)(const void* args);

struct Registration {
  Registration(int target, const char* name, Kernel kernel, const void* info, size_t argBytes);
};

}  // namespace kvcache::emu

extern "C" {

// Memory that ends where a page that cannot be touched begins, filled with NaN of all formats. Null
// if there is none.
void* kvcache_emu_allocate(int64_t bytes);
void kvcache_emu_free(void* memory);

// KernelInfo of a kernel (target 0: cuda, 1: hip on gfx950, 2: cuda on sm_90a), or null.
const void* kvcache_emu_info(int target, const char* name);

// Runs a kernel. Shared memory, and what lies between memory and its guard pages, is filled with
// bytes made from poison; order 0 runs lanes up, 1 down, others in an order made from it. 0, or 1
// with a text in kvcache_emu_error: accesses out of bounds, except reads between memory and its
// guard pages, and lanes that do not meet. Unwritten shared memory, races and those reads make
// results differ between two launches with different poison and order.
int kvcache_emu_launch(int target, const char* name, int gx, int gy, int gz, const void* args,
                       int64_t argBytes, uint32_t poison, uint32_t order);
const char* kvcache_emu_error();
}
