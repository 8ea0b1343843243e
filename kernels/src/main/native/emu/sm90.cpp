// The kernels for sm_90a, whose decoding kernels are others than before it.
#define KV_EMULATED 2
#define KV_EMULATED_SM90 1
#include "../cuda/kernels.cu"
