// The kernels for NVIDIA, built for the emulation.
#define KV_EMULATED 0
#include "../cuda/kernels.cu"
