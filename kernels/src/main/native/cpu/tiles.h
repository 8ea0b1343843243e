// Attention on codes: a tile of tokens at a time is scored, turned into weights and added up, all
// heads of the group together, with an online softmax (Milakov and Gimelshein 2018). Included by
// each level inside its own namespace, after its vectors (Vector, Ints, WIDTH, load, store, all,
// multiplyAdd) and before its kernels.

// What the kernels of formats read and write.
struct Work {
  int dim;
  int heads;
  const float* queries;   // [heads][dim]
  const int16_t* words;   // [heads][sumStride(dim)]
  const HeadState* states;
  float* logits;          // [heads][STRIDE], later the weights
  float* sums;            // [heads][sumStride(dim)]
};

// Rows of one plane of codes and one of scales, and where in the tile they stand.
struct Rows {
  const uint8_t* codes;
  const uint8_t* scales;
  int count;
  int at;
};

using Kernel = void (*)(const Work&, const Rows&);

static Kernel scoreOf(int format, int dim);
static Kernel sumOf(int format, int dim);
// The channel of word i of a row of 16-bit queries, as the kernel of scores takes them.
static int wordChannel(int i, int dim);
// The channel of sum i of a head, as the kernels of four-bit sums leave them.
static int sumChannel(int i, int dim);

static bool fourBits(int format) { return format == MXFP4 || format == LM16; }

static int codeBytes(int format, int dim) {
  static const int halves[FORMATS] = {1, 1, 2, 4, 8};
  return dim * halves[format] / 2;
}

static int scaleBytes(int format, int dim) { return fourBits(format) ? dim / 32 : 0; }

// exp of x * scale - largest, 0 where the result would hardly be a normal number: the polynomial of
// org.kvcache.kernels.cpu.Exponential.
static Vector exponential(Vector x) {
  const Vector rounder = x * 0 + 0x1.8p23f;
  Vector shifted = multiplyAdd(x, all(0x1.715476p0f), all(0x1.8p23f));
  Vector n = shifted - rounder;
  Vector r = multiplyAdd(n, all(-0x1.62e4p-1f), x);
  r = multiplyAdd(n, all(-0x1.7f7d1cp-20f), r);
  Vector p = multiplyAdd(all(0x1.a0d2cep-13f), r, all(0x1.6e879cp-10f));
  p = multiplyAdd(p, r, all(0x1.11121p-7f));
  p = multiplyAdd(p, r, all(0x1.555382p-5f));
  p = multiplyAdd(p, r, all(0x1.555554p-3f));
  p = multiplyAdd(p, r, all(0x1.0p-1f));
  p = multiplyAdd(p * r, r, r);
  Ints bits = (Ints)(p + 1.0f) + ((Ints)shifted << 23);
  Vector result = x >= -87.25f ? (Vector)bits : all(0);
  return x == x ? result : x;  // NaN stays NaN
}

static float exponential(float x) {
  float lanes[WIDTH];
  store(lanes, exponential(all(x)));
  return lanes[0];
}

// Turns the logits of one head into weights, under the largest so far.
static void weigh(HeadState& state, float* logits, int count, float scale, float* sums,
                  float* staged, int sumCount) {
  int padded = (count + WIDTH - 1) / WIDTH * WIDTH;
  for (int i = count; i < padded; i++) {
    logits[i] = -__builtin_inff();
  }
  Vector most = load(logits);
  for (int i = WIDTH; i < padded; i += WIDTH) {
    Vector x = load(logits + i);
    most = x > most ? x : most;
  }
  float lanes[WIDTH];
  store(lanes, most);
  float largest = lanes[0];
  for (int i = 1; i < WIDTH; i++) {
    largest = lanes[i] > largest ? lanes[i] : largest;
  }
  largest *= scale;
  if (largest > state.largest) {
    if (state.largest != -__builtin_inff()) {
      float factor = exponential(state.largest - largest);
      state.sum *= factor;
      for (int i = 0; i < sumCount; i++) {
        sums[i] *= factor;
        staged[i] *= factor;
      }
    }
    state.largest = largest;
  }
  Vector total = all(0);
  for (int i = 0; i < padded; i += WIDTH) {
    Vector weight = exponential(load(logits + i) * scale - state.largest);
    store(logits + i, weight);
    total += weight;
  }
  store(lanes, total);
  for (int half = WIDTH / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) {
      lanes[i] += lanes[i + half];
    }
  }
  state.sum += lanes[0];
  // A step may read weights beyond the last one.
  for (int i = padded; i < padded + 16 && i < STRIDE; i++) {
    logits[i] = 0;
  }
}

// One attention.
struct Attention {
  const Plan& plan;
  const Call& call;
  const float* factors;
  const float* means;
  const float* queries;
  float* outputs;
  float* stored;
  int16_t* words;
  float* sums;
  float* staged;
  HeadState* states;
  Work work;

  Attention(uint8_t* buffer, const Call& call) : plan(*(const Plan*)buffer), call(call) {
    Buffer at = bufferOf(plan.headDim, plan.heads);
    factors = (const float*)(buffer + at.factors);
    means = (const float*)(buffer + at.means);
    queries = (const float*)(buffer + at.queries);
    outputs = (float*)(buffer + at.outputs);
    stored = (float*)(buffer + at.stored);
    words = (int16_t*)(buffer + at.words);
    sums = (float*)(buffer + at.sums);
    staged = (float*)(buffer + at.staged);
    states = (HeadState*)(buffer + at.states);
    work = {plan.headDim, plan.heads, stored, words, states, (float*)(buffer + at.logits), sums};
  }

  // Takes a query to the basis of the stored keys.
  void prepare(int head) {
    int dim = plan.headDim;
    const float* q = queries + head * dim;
    float* to = stored + head * dim;
    for (int i = 0; i < dim; i++) {
      to[i] = q[i] * factors[i];
    }
    if (plan.rotateKeys) {
      for (int stride = 1; stride < dim; stride *= 2) {
        for (int i = 0; i < dim; i += 2 * stride) {
          for (int j = i; j < i + stride; j++) {
            float a = to[j];
            float b = to[j + stride];
            to[j] = a + b;
            to[j + stride] = a - b;
          }
        }
      }
      float share = 1 / __builtin_sqrtf((float)dim);
      for (int i = 0; i < dim; i++) {
        to[i] *= share;
      }
    }
    if (plan.fp8Queries) {
      for (int i = 0; i < dim; i++) {
        to[i] = fromE4M3(toE4M3(to[i]));
      }
    }
    states[head] = {-__builtin_inff(), 0, 0, 0};
    if (fourBits(plan.keyFormat)) {
      round(head);
    }
    for (int i = 0; i < sumStride(dim); i++) {
      sums[head * sumStride(dim) + i] = 0;
      staged[head * sumStride(dim) + i] = 0;
    }
  }

  // Makes integers of 16 bits of a stored query, in the order in which keys are decoded.
  void round(int head) {
    int dim = plan.headDim;
    const float* q = stored + head * dim;
    float most = 0;
    float nan = 0;
    for (int i = 0; i < dim; i++) {
      float size = magnitude(q[i]);
      most = size > most ? size : most;
      nan += q[i] * 0;
    }
    float inverse = most > 0x1p-100f ? 32767 / most : 0;
    int16_t* to = words + head * sumStride(dim);
    for (int i = 0; i < sumStride(dim); i++) {
      float scaled = nan == 0 ? q[wordChannel(i, dim)] * inverse : 0;
      to[i] = (int16_t)(scaled + (scaled < 0 ? -0.5f : 0.5f));
    }
    // Levels are 2 times E2M1 and 128 times lm16.
    states[head].unit = (most / 32767 + nan) * (plan.keyFormat == MXFP4 ? 0.5f : 0x1p-7f);
  }

  void weighAll(int count) {
    int stride = sumStride(plan.headDim);
    for (int head = 0; head < plan.heads; head++) {
      weigh(states[head], work.logits + head * STRIDE, count, call.logitScale, sums + head * stride,
            staged + head * stride, stride);
    }
  }

  // Asks for codes that are read soon: blocks lie anywhere, and no processor guesses where.
  static void fetch(const Rows& rows, int rowBytes) {
    for (int i = 0; i < rows.count * rowBytes; i += 64) {
      __builtin_prefetch(rows.codes + i);
    }
  }

  // Tokens of a tile: rows of several blocks.
  struct Tile {
    Rows keys[TILE];
    Rows values[TILE];
    int pieces;
    int count;
  };

  // Where the reading of runs stands.
  struct Place {
    int64_t run;
    int row;  // rows of that run that are taken
  };

  // Bytes of a row.
  const int keyBytes = codeBytes(plan.keyFormat, plan.headDim);
  const int keyScaleBytes = scaleBytes(plan.keyFormat, plan.headDim);
  const int valueBytes = codeBytes(plan.valueFormat, plan.headDim);
  const int valueScaleBytes = scaleBytes(plan.valueFormat, plan.headDim);

  // Takes rows from the runs until the tile is full.
  void take(Place& place, Tile& tile) {
    tile.pieces = 0;
    tile.count = 0;
    while (place.run < call.runCount && tile.count < TILE) {
      const Run& run = call.runs[place.run];
      int count = least(run.count - place.row, TILE - tile.count);
      const uint8_t* block = call.memory + run.block;
      int64_t row = run.row + place.row;
      tile.keys[tile.pieces] = {block + plan.keyCodes + row * keyBytes,
                                block + plan.keyScales + row * keyScaleBytes, count, tile.count};
      tile.values[tile.pieces] = {block + plan.valueCodes + row * valueBytes,
                                  block + plan.valueScales + row * valueScaleBytes, count,
                                  tile.count};
      tile.pieces++;
      tile.count += count;
      place.row += count;
      if (place.row == run.count) {
        place = {place.run + 1, 0};
      }
    }
  }

  // While the keys of a tile are read its values are asked for, and then the next tile's keys.
  void encoded() {
    Kernel score = scoreOf(plan.keyFormat, plan.headDim);
    Kernel sum = sumOf(plan.valueFormat, plan.headDim);
    Tile tiles[2];
    Tile* now = &tiles[0];
    Tile* next = &tiles[1];
    Place place = {0, 0};
    take(place, *now);
    while (now->count > 0) {
      take(place, *next);
      for (int i = 0; i < now->pieces; i++) {
        fetch(now->values[i], valueBytes);
        score(work, now->keys[i]);
      }
      weighAll(now->count);
      for (int i = 0; i < now->pieces; i++) {
        if (i < next->pieces) {
          fetch(next->keys[i], keyBytes);
        }
        sum(work, now->values[i]);
      }
      Tile* done = now;
      now = next;
      next = done;
    }
  }

  // While the keys of a tile are read the next tile's are asked for.
  void scan(float* logits, int64_t stride) {
    Kernel score = scoreOf(plan.keyFormat, plan.headDim);
    Tile tiles[2];
    Tile* now = &tiles[0];
    Tile* next = &tiles[1];
    Place place = {0, 0};
    take(place, *now);
    while (now->count > 0) {
      take(place, *next);
      for (int i = 0; i < now->pieces; i++) {
        if (i < next->pieces) {
          fetch(next->keys[i], keyBytes);
          __builtin_prefetch(next->keys[i].scales);
        }
        score(work, now->keys[i]);
      }
      for (int head = 0; head < plan.heads; head++) {
        __builtin_memcpy(logits + head * stride, work.logits + head * STRIDE,
                         now->count * sizeof(float));
      }
      logits += now->count;
      Tile* done = now;
      now = next;
      next = done;
    }
  }

  // Staged rows are in the model's own basis while stored keys lack their mean, so their logits are
  // taken without q * mean too, and their values are summed apart.
  void fresh() {
    int dim = plan.headDim;
    for (int head = 0; head < plan.heads; head++) {
      float constant = 0;
      for (int i = 0; i < dim; i++) {
        constant += queries[head * dim + i] * means[i];
      }
      states[head].constant = constant;
    }
    Work raw = work;
    raw.queries = queries;
    raw.sums = staged;
    Kernel score = scoreOf(F32, dim);
    Kernel sum = sumOf(F32, dim);
    for (int64_t at = 0; at < call.stagedCount; at += TILE) {
      int count = (int)least((int64_t)TILE, call.stagedCount - at);
      const float* keys = call.staged + at * dim;
      const float* values = call.staged + (call.stagedCount + at) * dim;
      score(raw, {(const uint8_t*)keys, nullptr, count, 0});
      for (int head = 0; head < plan.heads; head++) {
        float* logits = work.logits + head * STRIDE;
        for (int i = 0; i < count; i++) {
          logits[i] -= states[head].constant;
        }
      }
      weighAll(count);
      sum(raw, {(const uint8_t*)values, nullptr, count, 0});
    }
  }

  void output(int head) {
    int dim = plan.headDim;
    float* out = outputs + head * dim;
    float share = 1 / states[head].sum;
    const float* of = sums + head * sumStride(dim);
    const float* ofStaged = staged + head * sumStride(dim);
    if (fourBits(plan.valueFormat)) {
      for (int i = 0; i < dim; i++) {
        out[i] = 0;
      }
      for (int i = 0; i < sumStride(dim); i++) {
        out[sumChannel(i, dim)] += of[i];
      }
    } else {
      for (int i = 0; i < dim; i++) {
        out[i] = of[i];
      }
    }
    for (int i = 0; i < dim; i++) {
      out[i] = (out[i] * plan.valueUnit + ofStaged[i]) * share;
    }
  }
};

static void attend(uint8_t* buffer, const Call& call) {
  Attention attention(buffer, call);
  for (int head = 0; head < attention.plan.heads; head++) {
    attention.prepare(head);
  }
  attention.encoded();
  if (call.stagedCount > 0) {
    attention.fresh();
  }
  for (int head = 0; head < attention.plan.heads; head++) {
    attention.output(head);
  }
}

static void query(uint8_t* buffer) {
  const Call none = {};
  Attention attention(buffer, none);
  for (int head = 0; head < attention.plan.heads; head++) {
    attention.prepare(head);
  }
}

static void scan(uint8_t* buffer, const Scan& scan) {
  const Call keys = {scan.memory, scan.runs, scan.runCount, nullptr, 0, 1};
  Attention(buffer, keys).scan(scan.logits, scan.stride);
}

const Entries entries = {attend, query, scan};
