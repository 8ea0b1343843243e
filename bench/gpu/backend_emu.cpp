#include "backend.h"
#include "emu.h"

#include <string.h>

namespace kvcache::gpu {
namespace {

// Runs every launch in one order of lanes with one filling of shared memory, as told.
class Emulation : public Backend {
 public:
  explicit Emulation(int of) : target(of) {}

  std::string name() const override { return target == 0 ? "emu-cuda" : "emu-hip"; }
  void* allocate(size_t bytes) override { return kvcache_emu_allocate((int64_t)bytes); }
  void free(void* memory) override { kvcache_emu_free(memory); }
  void upload(void* to, const void* from, size_t bytes) override { memcpy(to, from, bytes); }
  void download(void* to, const void* from, size_t bytes) override { memcpy(to, from, bytes); }

  KernelInfo info(const std::string& kernel) override {
    const void* info = kvcache_emu_info(target, kernel.c_str());
    if (info == nullptr) {
      die("the emulation has no kernel " + kernel);
    }
    return *(const KernelInfo*)info;
  }

  void launch(const std::string& kernel, int x, int y, int z, const void* args,
              size_t argBytes) override {
    launches++;
    if (kvcache_emu_launch(target, kernel.c_str(), x, y, z, args, (int64_t)argBytes, launches,
                           launches % 3) != 0) {
      die(kvcache_emu_error());
    }
  }

 private:
  int target;
  uint32_t launches = 0;
};

}  // namespace

std::unique_ptr<Backend> openEmulation(int target) { return std::make_unique<Emulation>(target); }

}  // namespace kvcache::gpu
