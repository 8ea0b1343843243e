// Times decoding on a GPU: bench FATBIN [--json FILE]. Medians of single launches between events,
// after a warm-up, over buffers that together do not fit the L2 cache; random codes.
#include <string.h>

#include <algorithm>
#include <fstream>

#include "backend_cuda.h"
#include "reference.h"

using namespace kvcache;
using namespace kvcache::gpu;

namespace {

struct Case {
  const char* title;
  int sequences;
  int kvHeads;
  int group;
  int length;
};

constexpr Case CASES[] = {
    {"32 x 8K, 8 KV heads", 32, 8, 4, 8192},
    {"8 x 32K, 8 KV heads", 8, 8, 4, 32768},
    {"16 x 128K, 1 KV head", 16, 1, 8, 131072},
    {"1 x 32K, 8 KV heads", 1, 8, 4, 32768},
    {"1 x 4K, 8 KV heads", 1, 8, 4, 4096},
    {"1 x 4K, 1 KV head", 1, 1, 8, 4096},
};

constexpr int DIM = 128;
constexpr int BLOCK = 64;
constexpr int WARM_UP = 10;
constexpr int LAUNCHES = 51;

double median(std::vector<double> of) {
  std::nth_element(of.begin(), of.begin() + (long)of.size() / 2, of.end());
  return of[of.size() / 2];
}

// Bytes per second read and written by copies on the device.
double copyBandwidth(Cuda& cuda) {
  size_t bytes = (size_t)1 << 30;
  Array<uint8_t> from(cuda, bytes);
  Array<uint8_t> to(cuda, bytes);
  Event start(cuda);
  Event end(cuda);
  std::vector<double> seconds;
  for (int i = 0; i < 15; i++) {
    start.record();
    cuda.copyOnDevice(to.at(), from.at(), bytes);
    end.record();
    if (i >= 5) {
      seconds.push_back(end.since(start) / 1e3);
    }
  }
  return 2.0 * (double)bytes / median(seconds);
}

// Random codes under scales of 1, numbers of ordinary size in bf16.
std::vector<uint8_t> randomBlock(const Scheme& scheme, const BlockLayout& kv, std::mt19937& random) {
  std::vector<uint8_t> block((size_t)kv.headBytes);
  for (uint8_t& b : block) {
    b = (uint8_t)random();
  }
  auto plane = [&](const Format& format, int codes, int scales) {
    if (format.bits == 16) {
      std::normal_distribution<float> normal;
      for (int i = 0; i < BLOCK * DIM; i++) {
        uint16_t x = toBf16(normal(random));
        memcpy(block.data() + codes + 2 * i, &x, 2);
      }
    } else if (format.bits == 8) {
      for (int i = 0; i < BLOCK * DIM; i++) {
        block[(size_t)(codes + i)] &= 0xbf;  // below 2
      }
    }
    if (format.scaled) {
      memset(block.data() + scales, format.name == "mxfp4" ? 127 : 0x38,
             (size_t)(BLOCK * DIM / 32));
    }
  };
  plane(scheme.keys, 0, kv.keyScales);
  plane(scheme.values, kv.valueCodes, kv.valueScales);
  return block;
}

struct Timing {
  double microseconds;
  double bytes;
};

Timing timeDecode(Cuda& cuda, const Scheme& scheme, const Case& of) {
  BlockLayout kv = {};
  auto aligned = [](int bytes) { return (bytes + 15) / 16 * 16; };
  kv.keyScales = aligned(BLOCK * scheme.keys.codeBytes(DIM));
  kv.valueCodes = aligned(kv.keyScales + BLOCK * scheme.keys.scaleBytes(DIM));
  kv.valueScales = aligned(kv.valueCodes + BLOCK * scheme.values.codeBytes(DIM));
  kv.headBytes = aligned(kv.valueScales + BLOCK * scheme.values.scaleBytes(DIM));
  kv.slotBytes = kv.headBytes * of.kvHeads;
  kv.blockTokens = BLOCK;
  int blocks = of.length / BLOCK;
  int64_t slots = (int64_t)blocks * of.sequences;
  int64_t bytes = slots * kv.slotBytes;
  int64_t l2 = cuda.attribute(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
  int rotations = (int)std::max<int64_t>(1, (3 * l2 + bytes - 1) / bytes);
  Array<uint8_t> memory(cuda, (size_t)(bytes * rotations));
  std::mt19937 random(7);
  std::vector<uint8_t> some;
  for (int i = 0; i < 64; i++) {
    std::vector<uint8_t> block = randomBlock(scheme, kv, random);
    some.insert(some.end(), block.begin(), block.end());
  }
  int64_t all = slots * of.kvHeads * rotations;
  Array<uint8_t> pattern(cuda, some);
  for (int64_t i = 0; i < all; i += 64) {
    cuda.copyOnDevice(memory.at() + i * kv.headBytes, pattern.at(),
                      (size_t)(std::min<int64_t>(64, all - i) * kv.headBytes));
  }
  std::vector<int32_t> table((size_t)(slots * rotations));
  for (size_t i = 0; i < table.size(); i++) {
    table[i] = (int32_t)i;
  }
  for (int r = 0; r < rotations; r++) {
    std::shuffle(table.begin() + r * slots, table.begin() + (r + 1) * slots, random);
  }
  Array<int32_t> tables(cuda, table);
  Array<int32_t> lengths(cuda, std::vector<int32_t>((size_t)of.sequences, of.length));
  size_t rows = (size_t)(of.sequences * of.kvHeads * of.group);
  Array<float> q(cuda, normal(random, rows * DIM));
  Array<float> out(cuda, rows * DIM);
  std::string kernel = "kvcache_attend_" + scheme.name + "_128_decode8";
  KernelInfo info = cuda.info(kernel);
  int lists = of.sequences * of.kvHeads;
  int processors = cuda.attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
  // At least two blocks for each multiprocessor, at least 256 tokens for each block.
  int splits = std::max(1, std::min((2 * processors + lists - 1) / lists, of.length / 256));
  Array<float> partial(cuda, (size_t)(lists * splits * info.rows * (DIM + 2)));
  Array<uint32_t> arrived(cuda, std::vector<uint32_t>((size_t)lists, 0));
  AttendArgs args = {};
  args.kv = kv;
  args.kv.base = memory.at();
  args.lengths = lengths.at();
  args.q = q.at();
  args.out = out.at();
  args.partial = partial.at();
  args.arrived = arrived.at();
  args.tableStride = blocks;
  args.lengthStride = 1;
  args.kvHeads = of.kvHeads;
  args.group = of.group;
  args.queryTokens = 1;
  args.queries = F32;
  args.window = INT32_MAX;
  args.rotate = scheme.rotate;
  args.logitScale = 0.0883883476f;
  Event start(cuda);
  Event end(cuda);
  std::vector<double> microseconds;
  for (int i = 0; i < WARM_UP + LAUNCHES; i++) {
    args.table = tables.at() + (int64_t)(i % rotations) * slots;
    start.record();
    cuda.launch(kernel, splits, 1, lists, args);
    end.record();
    double took = end.since(start) * 1e3;
    if (i >= WARM_UP) {
      microseconds.push_back(took);
    }
  }
  return {median(microseconds), (double)bytes};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && !(argc == 4 && strcmp(argv[2], "--json") == 0)) {
    die("usage: bench FATBIN [--json FILE]");
  }
  Cuda cuda(argv[1]);
  double copy = copyBandwidth(cuda);
  printf("%s, copies read and write %.0f GB/s\n", cuda.name().c_str(), copy / 1e9);
  printf("%-22s %-6s %9s %10s %8s %8s %8s\n", "decoding, head dim 128", "scheme", "us", "GB/s",
         "of copy", "to bf16", "to fp8");
  std::string json = "{\"device\": \"" + cuda.name() + "\", \"copyBytesPerSecond\": " +
                     std::to_string(copy) + ", \"rows\": [";
  const char* separator = "";
  for (const Case& of : CASES) {
    double bf16 = 0;
    double fp8 = 0;
    for (const Scheme& scheme : schemes()) {
      Timing t = timeDecode(cuda, scheme, of);
      bf16 = scheme.name == "bf16" ? t.microseconds : bf16;
      fp8 = scheme.name == "fp8" ? t.microseconds : fp8;
      double rate = t.bytes / t.microseconds * 1e6;
      printf("%-22s %-6s %9.1f %10.0f %7.1f%% %8.2f %8.2f\n", of.title, scheme.name.c_str(),
             t.microseconds, rate / 1e9, 100 * rate / copy, bf16 / t.microseconds,
             fp8 > 0 ? fp8 / t.microseconds : 0.0);
      char row[300];
      snprintf(row, sizeof row,
               "%s\n  {\"case\": \"%s\", \"scheme\": \"%s\", \"microseconds\": %.3f, "
               "\"packedBytes\": %.0f, \"ofCopy\": %.4f}",
               separator, of.title, scheme.name.c_str(), t.microseconds, t.bytes, rate / copy);
      json += row;
      separator = ",";
    }
  }
  json += "\n]}\n";
  if (argc == 4) {
    std::ofstream(argv[3]) << json;
  }
  return 0;
}
