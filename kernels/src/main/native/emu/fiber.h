// Stackful coroutines: a few instructions on x86-64, ucontext elsewhere.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace kvcache::emu {

struct Fiber {
#if defined(__x86_64__)
  void* stack;
#else
  ucontext_t context;
#endif
};

#if defined(__x86_64__)

extern "C" void kvcache_emu_switch(void** from, void* to);

inline void switchFiber(Fiber& from, Fiber& to) { kvcache_emu_switch(&from.stack, to.stack); }

inline void startFiber(Fiber& fiber, uint8_t* stack, size_t bytes, void (*main)(void*)) {
  // As kvcache_emu_switch leaves a stack: six registers, then where to go on.
  uint64_t* top = (uint64_t*)(((uintptr_t)stack + bytes) & ~(uintptr_t)15);
  *--top = 0;
  *--top = (uint64_t)main;
  for (int i = 0; i < 6; i++) {
    *--top = 0;
  }
  fiber.stack = top;
}

#else

inline void switchFiber(Fiber& from, Fiber& to) { swapcontext(&from.context, &to.context); }

inline void startFiber(Fiber& fiber, uint8_t* stack, size_t bytes, void (*main)(void*)) {
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = stack;
  fiber.context.uc_stack.ss_size = bytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, (void (*)())main, 0);
}

#endif

}  // namespace kvcache::emu
