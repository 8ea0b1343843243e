#include "backend.h"

namespace kvcache::gpu {

std::unique_ptr<Backend> openEmulation(int target);
std::unique_ptr<Backend> openCuda(const std::string& fatbin);

std::unique_ptr<Backend> open(const std::string& target, const std::string& fatbin) {
  if (target == "emu-cuda" || target == "emu-hip" || target == "emu-sm90") {
    return openEmulation(target == "emu-cuda" ? 0 : target == "emu-hip" ? 1 : 2);
  }
#if defined(KV_WITH_CUDA)
  if (target == "cuda") {
    return openCuda(fatbin);
  }
#else
  (void)fatbin;
#endif
  die("unknown target " + target + "; known: emu-cuda, emu-sm90, emu-hip" +
#if defined(KV_WITH_CUDA)
      ", cuda"
#else
      " (this program was built without CUDA)"
#endif
  );
}

}  // namespace kvcache::gpu
