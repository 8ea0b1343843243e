// Online softmax (Milakov and Gimelshein 2018) in powers of two: what a part of the tokens has
// given a query row, and how parts are merged. The order of merging is the caller's, so results are
// the same from run to run.
#pragma once

#include "platform.h"

namespace kvcache {

// Below every logit that is a number, above minus infinity: its differences are numbers.
constexpr float NO_LOGIT = -0x1p100f;

// A part's maximum (or any number near it) in powers of two, and its sum of 2^(logit - max).
struct Part {
  float max;
  float sum;
};

// Factors for the sums and outputs of two parts under a common maximum.
struct Merge {
  float max;
  float first;
  float second;
};

template <class Exp2>
KV_DEVICE Merge merge(float firstMax, float secondMax, Exp2 exp2) {
  float max = firstMax > secondMax ? firstMax : secondMax;
  return {max, exp2(firstMax - max), exp2(secondMax - max)};
}

}  // namespace kvcache
