#include "emu.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "../simt/abi.h"
#include "fiber.h"

namespace kvcache::emu {
namespace {

constexpr size_t STACK_BYTES = 256 << 10;
constexpr int MAX_LANES = 1024;
constexpr int MAX_WAVE = 64;

struct AsyncCopy {
  void* shared;
  const void* global;
  size_t bytes;
};

enum class State : uint8_t { READY, AT_WAVE, AT_BLOCK, DONE };

struct Lane {
  Fiber fiber;
  State state;
  uint32_t tag;
  uint32_t parity;
  std::vector<AsyncCopy> open;                // not committed
  std::vector<std::vector<AsyncCopy>> groups;  // committed, not arrived
};

struct Wave {
  int lanes;
  int waiting;
  Exchanged area[2][MAX_WAVE];
};

struct Entry {
  Kernel kernel;
  const KernelInfo* info;
  size_t argBytes;
};

std::map<std::pair<int, std::string>, Entry>& registry() {
  static std::map<std::pair<int, std::string>, Entry> all;
  return all;
}

// The launch that is running.
struct Launch {
  std::mutex mutex;
  std::vector<Lane> lanes;
  std::vector<Wave> waves;
  uint8_t* stacks = nullptr;
  Fiber scheduler;
  int current = 0;
  int live = 0;
  int atBlock = 0;
  uint32_t waveLanes = 32;
  Index block{};
  Index grid{};
  uint8_t* shared = nullptr;
  Kernel kernel = nullptr;
  const void* args = nullptr;
  std::string error;
  sigjmp_buf out;
  volatile bool running = false;
};

Launch run;

struct Region {
  uint8_t* mapping;
  size_t mapped;
  uint8_t* memory;
  size_t bytes;
};

std::mutex regionsMutex;
std::map<uint8_t*, Region> regions;

size_t pageBytes() { return (size_t)sysconf(_SC_PAGESIZE); }

size_t roundUp(size_t n, size_t to) { return (n + to - 1) / to * to; }

// Guard pages on both sides; the memory ends at the second, up to an alignment of 16.
Region guarded(size_t bytes) {
  size_t page = pageBytes();
  size_t inner = roundUp(roundUp(bytes, 16), page);
  size_t mapped = inner + 2 * page;
  void* mapping = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) {
    return {};
  }
  uint8_t* start = (uint8_t*)mapping + page;
  if (mprotect(start, inner, PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping, mapped);
    return {};
  }
  memset(start, 0xFF, inner);
  return {(uint8_t*)mapping, mapped, start + inner - roundUp(bytes, 16), bytes};
}

// Calls back with each part of a region between its guard pages that is not its memory.
template <class F>
void slack(const Region& region, F each) {
  uint8_t* start = region.mapping + pageBytes();
  uint8_t* end = region.memory + region.bytes;
  each(start, region.memory);
  each(end, region.mapping + region.mapped - pageBytes());
}

uint8_t slackByte(uint32_t poison) { return (uint8_t)(poison * 0x9D + 0x5A); }

void fillSlack(uint32_t poison) {
  std::lock_guard lock(regionsMutex);
  for (auto& [start, region] : regions) {
    slack(region, [&](uint8_t* from, uint8_t* to) {
      memset(from, slackByte(poison), (size_t)(to - from));
    });
  }
}

// What was written where no guard page could see it; empty if nothing was.
std::string writtenSlack(uint32_t poison) {
  std::lock_guard lock(regionsMutex);
  std::string error;
  for (auto& [start, region] : regions) {
    const Region& of = region;
    slack(of, [&](uint8_t* from, uint8_t* to) {
      uint8_t* at = std::find_if(from, to, [&](uint8_t b) { return b != slackByte(poison); });
      if (at != to) {
        char text[200];
        snprintf(text, sizeof text, "out of bounds: byte %td of %zu bytes at %p was written",
                 at - of.memory, of.bytes, (void*)of.memory);
        error = text;
      }
    });
  }
  return error;
}

Lane& me() { return run.lanes[run.current]; }
Wave& myWave() { return run.waves[run.current / run.waveLanes]; }

void yield() { switchFiber(me().fiber, run.scheduler); }

std::string place() {
  char text[120];
  snprintf(text, sizeof text, "block (%u, %u, %u), thread %d", run.block.x, run.block.y,
           run.block.z, run.current);
  return text;
}

void releaseWave(int wave) {
  int from = wave * (int)run.waveLanes;
  int to = std::min(from + (int)run.waveLanes, (int)run.lanes.size());
  for (int i = from; i < to; i++) {
    if (run.lanes[i].state == State::AT_WAVE) {
      run.lanes[i].state = State::READY;
    }
  }
  run.waves[wave].waiting = 0;
}

void releaseBlock() {
  for (Lane& lane : run.lanes) {
    if (lane.state == State::AT_BLOCK) {
      lane.state = State::READY;
    }
  }
  run.atBlock = 0;
}

void checkTags(int from, int to, State state, uint32_t tag) {
  for (int i = from; i < to; i++) {
    if (run.lanes[i].state == state && run.lanes[i].tag != tag) {
      fail("lanes meet in different operations");
    }
  }
}

void laneMain(void*) {
  run.kernel(run.args);
  Lane& lane = me();
  if (!lane.open.empty() || !lane.groups.empty()) {
    fail("the kernel ends with asynchronous copies that were not waited for");
  }
  lane.state = State::DONE;
  run.live--;
  yield();
}

void runBlock(const KernelInfo& info, const std::vector<int>& order) {
  int threads = info.threads;
  for (int i = 0; i < threads; i++) {
    Lane& lane = run.lanes[i];
    lane.state = State::READY;
    lane.parity = 0;
    lane.open.clear();
    lane.groups.clear();
    startFiber(lane.fiber, run.stacks + (size_t)i * STACK_BYTES, STACK_BYTES, laneMain);
  }
  for (size_t w = 0; w < run.waves.size(); w++) {
    run.waves[w].lanes = std::min((int)run.waveLanes, threads - (int)(w * run.waveLanes));
    run.waves[w].waiting = 0;
  }
  run.live = threads;
  run.atBlock = 0;
  while (run.live > 0) {
    bool moved = false;
    for (int i : order) {
      if (run.lanes[i].state == State::READY) {
        run.current = i;
        switchFiber(run.scheduler, run.lanes[i].fiber);
        moved = true;
      }
    }
    if (!moved) {
      fail("lanes wait for others that do not come");
    }
  }
}

void runBlocks(const Entry& entry, const std::vector<int>& order, uint32_t poison) {
  for (run.block.z = 0; run.block.z < run.grid.z; run.block.z++) {
    for (run.block.y = 0; run.block.y < run.grid.y; run.block.y++) {
      for (run.block.x = 0; run.block.x < run.grid.x; run.block.x++) {
        uint32_t state = poison * 2654435761u + 12345u;
        for (int i = 0; i < entry.info->sharedBytes; i++) {
          state = state * 1664525u + 1013904223u;
          run.shared[i] = (uint8_t)(state >> 24);
        }
        runBlock(*entry.info, order);
      }
    }
  }
}

// 0, or 1 when the launch was stopped from within.
int runGrid(const Entry& entry, const std::vector<int>& order, uint32_t poison) {
  if (sigsetjmp(run.out, 1) != 0) {
    return 1;
  }
  run.running = true;
  runBlocks(entry, order, poison);
  return 0;
}

struct sigaction previous;

void onFault(int signal, siginfo_t* info, void* context) {
  uint8_t* at = (uint8_t*)info->si_addr;
  if (run.running) {
    for (auto& [start, region] : regions) {
      if (at >= region.mapping && at < region.mapping + region.mapped) {
        char text[300];
        snprintf(text, sizeof text,
                 "out of bounds: %s touches byte %td of %zu bytes at %p", place().c_str(),
                 at - region.memory, region.bytes, (void*)region.memory);
        run.error = text;
        siglongjmp(run.out, 1);
      }
    }
  }
  // Not ours: to whoever was here before, the JVM for example.
  if (previous.sa_flags & SA_SIGINFO) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    sigaction(signal, &previous, nullptr);
  } else {
    previous.sa_handler(signal);
  }
}

}  // namespace

uint32_t threadIndex() { return (uint32_t)run.current; }
Index blockIndex() { return run.block; }
Index gridSize() { return run.grid; }
uint32_t waveLanes() { return run.waveLanes; }
uint8_t* sharedMemory() { return run.shared; }

void fail(const char* what) {
  run.error = std::string(what) + ": " + place();
  siglongjmp(run.out, 1);
}

void meetWave(uint32_t tag) {
  Wave& wave = myWave();
  Lane& lane = me();
  lane.tag = tag;
  lane.state = State::AT_WAVE;
  if (++wave.waiting == wave.lanes) {
    int from = run.current / (int)run.waveLanes * (int)run.waveLanes;
    checkTags(from, std::min(from + (int)run.waveLanes, (int)run.lanes.size()), State::AT_WAVE,
              tag);
    releaseWave(run.current / (int)run.waveLanes);
  } else {
    yield();
  }
}

void meetBlock(uint32_t tag) {
  Lane& lane = me();
  lane.tag = tag;
  lane.state = State::AT_BLOCK;
  if (++run.atBlock == (int)run.lanes.size()) {
    checkTags(0, (int)run.lanes.size(), State::AT_BLOCK, tag);
    releaseBlock();
  } else {
    yield();
  }
}

const Exchanged* exchange(const uint32_t* words, int count, uint32_t tag) {
  if (count > EXCHANGE_WORDS) {
    fail("too many words to exchange");
  }
  Lane& lane = me();
  lane.parity ^= 1;
  Exchanged* area = myWave().area[lane.parity];
  memcpy(area[run.current % (int)run.waveLanes], words, (size_t)count * 4);
  meetWave(tag);
  return area;
}

void copyAsync(void* shared, const void* global, size_t bytes) {
  if ((uintptr_t)shared % bytes != 0 || (uintptr_t)global % bytes != 0) {
    fail("asynchronous copy that is not aligned");
  }
  me().open.push_back({shared, global, bytes});
}

void commitAsync() {
  Lane& lane = me();
  lane.groups.push_back(std::move(lane.open));
  lane.open.clear();
}

void waitAsync(int groupsLeft) {
  Lane& lane = me();
  while ((int)lane.groups.size() > groupsLeft) {
    for (const AsyncCopy& copy : lane.groups.front()) {
      memcpy(copy.shared, copy.global, copy.bytes);
    }
    lane.groups.erase(lane.groups.begin());
  }
}

Registration::Registration(int target, const char* name, Kernel kernel, const void* info,
                           size_t argBytes) {
  registry()[{target, name}] = {kernel, (const KernelInfo*)info, argBytes};
}

}  // namespace kvcache::emu

using namespace kvcache;
using namespace kvcache::emu;

extern "C" void* kvcache_emu_allocate(int64_t bytes) {
  std::lock_guard lock(regionsMutex);
  Region region = guarded((size_t)bytes);
  if (region.memory != nullptr) {
    regions[region.memory] = region;
  }
  return region.memory;
}

extern "C" void kvcache_emu_free(void* memory) {
  std::lock_guard lock(regionsMutex);
  auto found = regions.find((uint8_t*)memory);
  if (found != regions.end()) {
    munmap(found->second.mapping, found->second.mapped);
    regions.erase(found);
  }
}

extern "C" const void* kvcache_emu_info(int target, const char* name) {
  auto found = registry().find({target, name});
  return found == registry().end() ? nullptr : found->second.info;
}

extern "C" const char* kvcache_emu_error() { return run.error.c_str(); }

extern "C" int kvcache_emu_launch(int target, const char* name, int gx, int gy, int gz,
                                  const void* args, int64_t argBytes, uint32_t poison,
                                  uint32_t order) {
  std::lock_guard lock(run.mutex);
  auto found = registry().find({target, name});
  if (found == registry().end()) {
    run.error = std::string("no kernel is called ") + name;
    return 1;
  }
  const Entry& entry = found->second;
  if ((size_t)argBytes != entry.argBytes) {
    run.error = std::string(name) + " takes " + std::to_string(entry.argBytes) +
                " bytes of arguments, not " + std::to_string(argBytes);
    return 1;
  }
  int threads = entry.info->threads;
  run.waveLanes = target == 1 ? 64 : 32;  // 1: hip
  run.lanes.resize((size_t)threads);
  run.waves.resize((size_t)(threads + (int)run.waveLanes - 1) / run.waveLanes);
  if (run.stacks == nullptr) {
    run.stacks = (uint8_t*)mmap(nullptr, STACK_BYTES * MAX_LANES, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }
  run.kernel = entry.kernel;
  run.args = args;
  run.grid = {(uint32_t)gx, (uint32_t)gy, (uint32_t)gz};
  std::vector<int> lanes((size_t)threads);
  std::iota(lanes.begin(), lanes.end(), 0);
  if (order == 1) {
    std::reverse(lanes.begin(), lanes.end());
  } else if (order > 1) {
    std::shuffle(lanes.begin(), lanes.end(), std::mt19937(order));
  }
  uint8_t* shared = (uint8_t*)kvcache_emu_allocate(std::max(entry.info->sharedBytes, 16));
  run.shared = shared;

  struct sigaction action {};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
  sigaction(SIGSEGV, &action, &previous);
  fillSlack(poison);
  int result = runGrid(entry, lanes, poison);
  if (result == 0) {
    run.error = writtenSlack(poison);
    result = run.error.empty() ? 0 : 1;
  }
  if (result != 0) {
    run.error = std::string(name) + ": " + run.error;
  }
  run.running = false;
  sigaction(SIGSEGV, &previous, nullptr);
  kvcache_emu_free(shared);
  return result;
}
