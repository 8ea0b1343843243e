// The kernels for AMD, as gfx950 runs them, built for the emulation.
#define KV_EMULATED 1
#include "../hip/kernels.hip"
