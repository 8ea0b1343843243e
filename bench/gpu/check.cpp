// Checks every kernel of a device against references in binary64 on fresh random inputs:
//   check TARGET FATBIN [--quick] [--seed N] [--scheme NAME] [--write FILE]
//   check --compare FILE FILE
// TARGET: emu-cuda (sm_80 and on), emu-sm90, emu-hip (gfx950), cuda.
#include <string.h>

#include <map>

#include "reference.h"

using namespace kvcache;
using namespace kvcache::gpu;

namespace {

struct Worst {
  double error = 0;
  int cases = 0;
};

std::map<std::string, Worst> worst;
bool failed = false;
FILE* results = nullptr;

// Keeps what a kernel gave, for --compare.
void keep(const std::vector<float>& out) {
  if (results != nullptr && fwrite(out.data(), 4, out.size(), results) != out.size()) {
    die("cannot write results");
  }
}

// Compares the results of two devices, which took the same seeds.
int compare(const char* first, const char* second) {
  FILE* a = fopen(first, "rb");
  FILE* b = fopen(second, "rb");
  if (a == nullptr || b == nullptr) {
    die(std::string("cannot read ") + (a == nullptr ? first : second));
  }
  double difference = 0;
  double power = 0;
  int64_t count = 0;
  float x = 0;
  float y = 0;
  while (fread(&x, 4, 1, a) == 1) {
    if (fread(&y, 4, 1, b) != 1) {
      die(std::string(second) + " has fewer results than " + first);
    }
    difference += ((double)x - y) * ((double)x - y);
    power += (double)x * x;
    count++;
  }
  double relative = std::sqrt(difference / power);
  printf("%lld results differ by %.2e of their norm\n", (long long)count, relative);
  return count > 0 && relative <= 1e-3 ? 0 : 1;
}

// tolerance: of the error's norm over the row's norm.
void record(const std::string& kernel, double error, double tolerance, const std::string& where) {
  Worst& w = worst[kernel];
  w.cases++;
  w.error = std::max(w.error, std::isnan(error) ? INFINITY : error);
  if (!(error <= tolerance)) {
    failed = true;
    printf("WRONG %s: error %.3g, allowed %.3g: %s\n", kernel.c_str(), error, tolerance,
           where.c_str());
  }
}

struct Queries {
  int tokens = 1;
  int fresh = 0;
  Mask mask = ALL_FRESH;
  int sinks = 0;
  int window = INT32_MAX;
  int splits = 1;
  std::string variant;
};

std::string text(const Cache& cache, const Queries& with) {
  char line[240];
  snprintf(line, sizeof line,
           "%s dim %d, %d query heads per KV head, blocks of %d, %d query tokens, %d fresh%s, "
           "window %d+%d, %d splits%s",
           cache.scheme.name.c_str(), cache.shape.dim, cache.shape.group, cache.shape.blockTokens,
           with.tokens, with.fresh, with.mask == CAUSAL ? " causal" : "", with.sinks, with.window,
           with.splits, cache.calibrated ? ", calibrated" : "");
  return line;
}

float asRow(const Cache& cache, float x) {
  // Fresh rows of a bf16 cache are rounded to bf16 as they would be when stored.
  return cache.scheme.name == "bf16" ? fromBf16(toBf16(x)) : x;
}

double dot(const double* a, const double* b, int count) {
  double sum = 0;
  for (int i = 0; i < count; i++) {
    sum += a[i] * b[i];
  }
  return sum;
}

// Decoding on sm_90a has queries of eight significant bits, all else of eleven or more.
double allowed(const Backend& device, const Cache& cache, const Queries& with) {
  bool shortQueries = device.shortQueries() && with.variant != "block" && cache.scheme.name != "bf16";
  return shortQueries ? 6e-3 : 2e-3;
}

void checkAttend(Backend& device, const Cache& cache, const Queries& with, uint32_t seed) {
  const Shape& shape = cache.shape;
  int dim = shape.dim;
  std::mt19937 random(seed);
  size_t rows = (size_t)(shape.sequences() * with.tokens * shape.heads());
  std::vector<float> q = normal(random, rows * (size_t)dim);
  size_t freshRows = (size_t)(shape.sequences() * with.fresh * shape.kvHeads);
  std::vector<float> freshKeys = normal(random, freshRows * (size_t)dim);
  std::vector<float> freshValues = normal(random, freshRows * (size_t)dim);
  for (size_t i = 0; i < freshKeys.size(); i++) {
    size_t channel = i % (size_t)(shape.kvHeads * dim);
    float k = freshKeys[i];
    freshKeys[i] = asRow(cache, cache.calibrated
                                    ? k * std::fabs(cache.factors[channel]) + cache.means[channel]
                                    : k);
    freshValues[i] = asRow(cache, freshValues[i]);
  }
  std::string kernel = "kvcache_attend_" + cache.scheme.name + "_" + std::to_string(dim) + "_" +
                       with.variant;
  KernelInfo info = device.info(kernel);
  int tiles = (with.tokens * shape.group + info.rows - 1) / info.rows;
  int lists = shape.sequences() * shape.kvHeads;
  Array<float> queries(device, q);
  Array<float> k(device, freshKeys);
  Array<float> v(device, freshValues);
  Array<float> out(device, std::vector<float>(q.size(), NAN));
  Array<float> lse(device, std::vector<float>(rows, NAN));
  Array<float> partial(device, std::vector<float>((size_t)(lists * tiles * with.splits * info.rows *
                                                           (dim + 2)),
                                                  NAN));
  Array<uint32_t> arrived(device, std::vector<uint32_t>((size_t)(lists * tiles), 0));
  AttendArgs args = {};
  args.kv = cache.layout();
  args.table = cache.table();
  args.lengths = cache.lengths();
  args.q = queries.at();
  args.queryFactor = cache.queryFactor();
  args.keyMean = cache.keyMean();
  args.valueUnit = cache.valueUnit();
  args.freshKeys = k.at();
  args.freshValues = v.at();
  args.out = out.at();
  args.lse = lse.at();
  args.partial = partial.at();
  args.arrived = arrived.at();
  args.tableStride = cache.tableStride();
  args.lengthStride = 1;
  args.kvHeads = shape.kvHeads;
  args.group = shape.group;
  args.queryTokens = with.tokens;
  args.queries = F32;
  args.fresh = F32;
  args.freshTokens = with.fresh;
  args.freshStride = with.fresh;
  args.mask = with.mask;
  args.sinks = with.sinks;
  args.window = with.window;
  args.rotate = cache.scheme.rotate;
  args.logitScale = (float)(1 / std::sqrt((double)dim));
  device.launch(kernel, with.splits, tiles, lists, args);
  device.synchronize();
  std::vector<float> got = out.get();
  std::vector<float> gotLse = lse.get();
  keep(got);
  // Once more: the same bits, and the counters are ready for it.
  device.launch(kernel, with.splits, tiles, lists, args);
  device.synchronize();
  if (memcmp(got.data(), out.get().data(), got.size() * 4) != 0) {
    record("attend " + cache.scheme.name + " " + with.variant, INFINITY, 0, "two runs differ: " + text(cache, with));
  }

  for (int s = 0; s < shape.sequences(); s++) {
    int stored = shape.lengths[(size_t)s];
    for (int t = 0; t < with.tokens; t++) {
      int end = stored + with.fresh - (with.mask == CAUSAL ? with.tokens - 1 - t : 0);
      for (int h = 0; h < shape.heads(); h++) {
        int head = h / shape.group;
        size_t row = (size_t)((s * with.tokens + t) * shape.heads() + h);
        const float* query = q.data() + row * (size_t)dim;
        std::vector<double> turned = cache.rotated(query, head);
        std::vector<double> logits;
        std::vector<int> seen;
        double max = -INFINITY;
        for (int i = 0; i < end; i++) {
          if (i >= with.sinks && i < (int64_t)end - with.window) {
            continue;
          }
          double logit = 0;
          if (i < stored) {
            logit = dot(turned.data(), cache.key(s, head, i), dim);
          } else {
            for (int d = 0; d < dim; d++) {
              size_t at = (size_t)(((s * with.fresh + i - stored) * shape.kvHeads + head) * dim + d);
              double mean = cache.calibrated ? cache.means[(size_t)(head * dim + d)] : 0;
              logit += query[d] * (freshKeys[at] - mean);
            }
          }
          logit *= args.logitScale;
          logits.push_back(logit);
          seen.push_back(i);
          max = std::max(max, logit);
        }
        std::vector<double> expected((size_t)dim, 0);
        double sum = 0;
        for (double& logit : logits) {
          logit = std::exp(logit - max);
          sum += logit;
        }
        for (size_t i = 0; i < seen.size(); i++) {
          const double* values = seen[i] < stored ? cache.value(s, head, seen[i]) : nullptr;
          size_t fresh = (size_t)(((s * with.fresh + seen[i] - stored) * shape.kvHeads + head) * dim);
          for (int d = 0; d < dim; d++) {
            double x = values != nullptr ? values[d] : freshValues[fresh + (size_t)d];
            expected[(size_t)d] += logits[i] / sum * x;
          }
        }
        double norm = 0;
        double error = 0;
        for (int d = 0; d < dim; d++) {
          double e = got[row * (size_t)dim + (size_t)d] - expected[(size_t)d];
          error += e * e;
          norm += expected[(size_t)d] * expected[(size_t)d];
        }
        bool none = seen.empty();
        record("attend " + cache.scheme.name + " " + with.variant, none ? std::sqrt(error) : std::sqrt(error / norm),
               none ? 0 : allowed(device, cache, with), text(cache, with));
        if (!none) {
          record("lse " + cache.scheme.name, std::fabs(gotLse[row] - (max + std::log(sum))), 2 * allowed(device, cache, with),
                 text(cache, with));
        } else if (!(std::isinf(gotLse[row]) && gotLse[row] < 0)) {
          record("lse " + cache.scheme.name, INFINITY, 0, text(cache, with));
        }
      }
    }
  }
}

void checkScores(Backend& device, const Cache& cache, int queryTokens, int splits, uint32_t seed) {
  const Shape& shape = cache.shape;
  int dim = shape.dim;
  int rows = queryTokens * shape.group;
  int lists = shape.sequences() * shape.kvHeads;
  int longest = std::max(1, *std::max_element(shape.lengths.begin(), shape.lengths.end()));
  int pageTokens = 16;
  int pages = (longest + pageTokens - 1) / pageTokens;
  int k = std::min(5, pages);
  std::mt19937 random(seed);
  std::vector<float> q = normal(random, (size_t)(shape.sequences() * queryTokens * shape.heads() * dim));
  Array<float> queries(device, q);
  Array<float> logits(device, std::vector<float>((size_t)(lists * rows * longest), NAN));
  Array<float> stats(device, std::vector<float>((size_t)(lists * splits * rows * 2), NAN));
  Array<float> mass(device, std::vector<float>((size_t)(lists * pages), NAN));
  Array<int32_t> top(device, std::vector<int32_t>((size_t)(lists * k), -7));
  std::string kernel = "kvcache_score_" + cache.scheme.keys.name + "_" + std::to_string(dim);
  KernelInfo info = device.info(kernel);
  ScoreArgs score = {};
  score.kv = cache.layout();
  score.table = cache.table();
  score.lengths = cache.lengths();
  score.q = queries.at();
  score.queryFactor = cache.queryFactor();
  score.logits = logits.at();
  score.stats = stats.at();
  score.tableStride = cache.tableStride();
  score.logitStride = longest;
  score.lengthStride = 1;
  score.kvHeads = shape.kvHeads;
  score.group = shape.group;
  score.queryTokens = queryTokens;
  score.queries = F32;
  score.rotate = cache.scheme.rotate;
  score.logitScale = (float)(1 / std::sqrt((double)dim));
  device.launch(kernel, splits, (rows + info.rows - 1) / info.rows, lists, score);
  MassArgs masses = {};
  masses.logits = logits.at();
  masses.stats = stats.at();
  masses.lengths = cache.lengths();
  masses.mass = mass.at();
  masses.logitStride = longest;
  masses.massStride = pages;
  masses.lengthStride = 1;
  masses.kvHeads = shape.kvHeads;
  masses.rows = rows;
  masses.splits = splits;
  masses.pageTokens = pageTokens;
  masses.pages = pages;
  device.launch("kvcache_mass", (pages + 127) / 128, lists, 1, masses);
  TopKArgs select = {};
  select.values = mass.at();
  select.indices = top.at();
  select.stride = pages;
  select.count = pages;
  select.k = k;
  device.launch("kvcache_topk", lists, 1, 1, select);
  device.synchronize();
  std::vector<float> got = mass.get();
  std::vector<int32_t> indices = top.get();
  std::string where = text(cache, {queryTokens, 0, ALL_FRESH, 0, INT32_MAX, splits, ""});
  for (int s = 0; s < shape.sequences(); s++) {
    int stored = shape.lengths[(size_t)s];
    for (int head = 0; head < shape.kvHeads; head++) {
      std::vector<double> expected((size_t)pages, 0);
      for (int row = 0; row < rows && stored > 0; row++) {
        size_t at = (size_t)((s * queryTokens + row / shape.group) * shape.heads() +
                             head * shape.group + row % shape.group);
        std::vector<double> turned = cache.rotated(q.data() + at * (size_t)dim, head);
        std::vector<double> weights((size_t)stored);
        double max = -INFINITY;
        for (int i = 0; i < stored; i++) {
          weights[(size_t)i] = dot(turned.data(), cache.key(s, head, i), dim) * score.logitScale;
          max = std::max(max, weights[(size_t)i]);
        }
        double sum = 0;
        for (double& w : weights) {
          sum += w = std::exp(w - max);
        }
        for (int i = 0; i < stored; i++) {
          expected[(size_t)(i / pageTokens)] += weights[(size_t)i] / sum / rows;
        }
      }
      size_t list = (size_t)(s * shape.kvHeads + head);
      double error = 0;
      for (int p = 0; p < pages; p++) {
        error = std::max(error, std::fabs(got[list * (size_t)pages + (size_t)p] -
                                          expected[(size_t)p]));
      }
      record("mass " + cache.scheme.keys.name, error, 2e-3, where);
      // Top-k of the device's own numbers, by a stable sort.
      std::vector<int32_t> order((size_t)pages);
      for (int p = 0; p < pages; p++) {
        order[(size_t)p] = p;
      }
      const float* mine = got.data() + list * (size_t)pages;
      std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return mine[a] > mine[b]; });
      std::sort(order.begin(), order.begin() + k);
      bool same = std::equal(order.begin(), order.begin() + k, indices.begin() + (long)list * k);
      record("topk", same ? 0 : 1, 0, where);
    }
  }
}

void checkStore(const Cache& cache) {
  const Shape& shape = cache.shape;
  // Rows decoded are rows given, up to what the format loses.
  double error = 0;
  double norm = 0;
  for (int s = 0, t = 0; s < shape.sequences(); s++) {
    for (int i = 0; i < shape.lengths[(size_t)s]; i++, t++) {
      for (int head = 0; head < shape.kvHeads; head++) {
        for (int d = 0; d < shape.dim; d++) {
          size_t at = (size_t)((t * shape.kvHeads + head) * shape.dim + d);
          double v = cache.rowsOfValues[at];
          double e = cache.value(s, head, i)[d] - v;
          error += e * e;
          norm += v * v;
        }
      }
    }
  }
  double allowed = cache.scheme.values.bits == 16  ? 1e-4
                   : cache.scheme.values.bits == 8 ? 1e-3
                                                   : 0.02;
  if (norm > 0) {
    record("store " + cache.scheme.name, error / norm, allowed,
           text(cache, {1, 0, ALL_FRESH, 0, INT32_MAX, 1, ""}));
  }
}

void checkCopy(Backend& device, uint32_t seed) {
  std::mt19937 random(seed);
  for (int bytes : {16, 272, 8704, 40960}) {
    int pages = 7;
    std::vector<uint8_t> from((size_t)(pages * bytes));
    for (uint8_t& b : from) {
      b = (uint8_t)random();
    }
    std::vector<uint8_t> before((size_t)(pages * bytes), 0xcd);
    std::vector<int32_t> source = {3, -1, 6, 0, 2};
    std::vector<int32_t> target = {1, 0, 2, 5, 6};
    Array<uint8_t> a(device, from);
    Array<uint8_t> b(device, before);
    Array<int32_t> i(device, source);
    Array<int32_t> o(device, target);
    CopyArgs args = {a.at(), b.at(), i.at(), o.at(), bytes, bytes, bytes};
    device.launch("kvcache_copy", (int)source.size(), 2, 1, args);
    device.synchronize();
    std::vector<uint8_t> expected = before;
    for (size_t p = 0; p < source.size(); p++) {
      if (source[p] >= 0) {
        memcpy(expected.data() + target[p] * bytes, from.data() + source[p] * bytes,
               (size_t)bytes);
      }
    }
    record("copy", b.get() == expected ? 0 : 1, 0, std::to_string(bytes) + " bytes");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && strcmp(argv[1], "--compare") == 0) {
    return compare(argv[2], argv[3]);
  }
  if (argc < 3) {
    die("usage: check emu-cuda|emu-sm90|emu-hip|cuda FATBIN [--quick] [--seed N] [--scheme NAME] [--write FILE]");
  }
  bool quick = false;
  uint32_t seed = 1;
  std::string only;
  for (int i = 3; i < argc; i++) {
    if (strcmp(argv[i], "--quick") == 0) {
      quick = true;
    } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
      seed = (uint32_t)atoi(argv[++i]);
    } else if (strcmp(argv[i], "--write") == 0 && i + 1 < argc) {
      results = fopen(argv[++i], "wb");
      if (results == nullptr) {
        die(std::string("cannot write ") + argv[i]);
      }
    } else if (strcmp(argv[i], "--scheme") == 0 && i + 1 < argc) {
      only = argv[++i];
    } else {
      die(std::string("unknown option ") + argv[i] + "; known: --quick, --seed N, --scheme NAME, --write FILE");
    }
  }
  std::unique_ptr<Backend> device = open(argv[1], argv[2]);
  bool hip = device->name() == "emu-hip";
  std::vector<int> groups = {1, 2, 4, 6, 8, 16};
  std::vector<int> blocks = {16, 32, 64, 128};
  int turn = 0;
  for (const Scheme& scheme : schemes()) {
    if (!only.empty() && only != scheme.name) {
      continue;
    }
    for (int dim : {64, 128, 256}) {
      for (int group : groups) {
        for (int block : blocks) {
          seed += 7919;
          // Quick: a few of them, which meet each number.
          if (quick && turn++ % 61 != 0) {
            continue;
          }
          Shape shape;
          shape.dim = dim;
          shape.group = group;
          shape.blockTokens = block;
          shape.kvHeads = 2;
          shape.lengths = {(int)(seed % (quick ? 150 : 400)), 0, 1, block, 2 * block + 5};
          bool calibrated = scheme.rotate && seed % 2 == 0;
          Cache cache(*device, scheme, shape, seed, calibrated);
          checkStore(cache);
          std::string decode = !hip && group <= 8 ? "decode8" : "decode16";
          checkAttend(*device, cache, {1, 0, ALL_FRESH, 0, INT32_MAX, 1, decode}, seed);
          checkAttend(*device, cache, {1, 0, CAUSAL, 0, INT32_MAX, 3, decode}, seed);
          checkAttend(*device, cache, {1, 0, ALL_FRESH, 5, 40, 2, decode}, seed);
          checkAttend(*device, cache, {1, 3, ALL_FRESH, 5, 40, 2, "block"}, seed);
          if (quick || block == blocks[(size_t)group % blocks.size()] || group == 4) {
            checkAttend(*device, cache, {8, 8, ALL_FRESH, 0, INT32_MAX, 2, "block"}, seed);
            checkAttend(*device, cache, {24, 40, CAUSAL, 3, 70, 1, "block"}, seed);
            if (scheme.name != "k8v4") {
              checkScores(*device, cache, 1, 3, seed);
              checkScores(*device, cache, 5, 1, seed);
            }
          }
        }
      }
    }
  }
  checkCopy(*device, seed);
  printf("%-22s %8s  %s\n", "kernel", "cases", "worst relative error");
  for (const auto& [kernel, w] : worst) {
    printf("%-22s %8d  %.2e\n", kernel.c_str(), w.cases, w.error);
  }
  if (results != nullptr) {
    fclose(results);
  }
  printf(failed ? "FAILED on %s\n" : "all good on %s\n", device->name().c_str());
  return failed ? 1 : 0;
}
