// A libamdhip64 without a GPU: memory is the host's, launches are written to a log.
//   -DNO_DEVICE   hipInit says that there is no device
//   -DNO_LAUNCH   hipModuleLaunchKernel is missing, as in a library that is too old
//   -DNO_MEMORY   hipMalloc fails
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[1 << 16];
static int info[3] = {128, 16, 40960};
static char name[256];

#define LOG(...) \
  snprintf(text + strlen(text), sizeof text - strlen(text), __VA_ARGS__)

const char* stub_log(void) { return text; }
const char* hipGetErrorString(int code) { return code == 100 ? "no ROCm-capable device" : "stub error"; }
#ifdef NO_DEVICE
int hipInit(int flags) { return 100; }
#else
int hipInit(int flags) { return 0; }
#endif
int hipDriverGetVersion(int* version) { *version = 60000000; return 0; }
int hipGetDeviceCount(int* count) { *count = 1; return 0; }
int hipSetDevice(int device) { return device == 0 ? 0 : 101; }
int hipDeviceGetName(char* to, int length, int device) { snprintf(to, length, "Stub GPU"); return 0; }
int hipDeviceGetAttribute(int* value, int attribute, int device) { *value = attribute == 63 ? 4 : -1; return 0; }
int hipGetDevicePropertiesR0600(char* properties, int device) { strcpy(properties + 1160, "gfx950:sramecc+"); return 0; }
int hipMemGetInfo(size_t* left, size_t* total) { *left = 3L << 30; *total = 5L << 30; return 0; }
#ifdef NO_MEMORY
int hipMalloc(void** address, size_t bytes) { return 2; }
#else
int hipMalloc(void** address, size_t bytes) { LOG("malloc %zu\n", bytes); *address = malloc(bytes); return 0; }
#endif
int hipFree(void* address) { LOG("free\n"); free(address); return 0; }
int hipHostMalloc(void** address, size_t bytes, int flags) { *address = malloc(bytes); return 0; }
int hipHostGetDevicePointer(void** device, void* host, int flags) { *device = host; return 0; }
int hipHostFree(void* address) { free(address); return 0; }
int hipMemcpyAsync(void* to, const void* from, size_t bytes, int kind, void* stream) { memcpy(to, from, bytes); return 0; }
int hipMemsetAsync(void* to, int value, size_t bytes, void* stream) { memset(to, value, bytes); return 0; }
int hipStreamCreateWithFlags(void** stream, int flags) { *stream = (void*)0x51; return 0; }
int hipStreamDestroy(void* stream) { return 0; }
int hipStreamSynchronize(void* stream) { return 0; }
int hipStreamWaitEvent(void* stream, void* event, int flags) { LOG("wait %p %p\n", stream, event); return 0; }
int hipEventCreate(void** event) { *event = (void*)0xe1; return 0; }
int hipEventDestroy(void* event) { return 0; }
int hipEventRecord(void* event, void* stream) { LOG("record %p %p\n", event, stream); return 0; }
int hipEventSynchronize(void* event) { return 0; }
int hipEventElapsedTime(float* millis, void* from, void* to) { *millis = 1.5f; return 0; }
int hipDeviceSynchronize(void) { return 0; }
int hipModuleLoadData(void** module, const void* image) { LOG("load %.3s\n", (const char*)image); *module = (void*)0x71; return 0; }
int hipModuleUnload(void* module) { LOG("unload\n"); return 0; }
int hipModuleGetFunction(void** function, void* module, const char* of) {
  if (strstr(of, "decode8")) return 500;
  snprintf(name, sizeof name, "%s", of);
  *function = strdup(of);
  return 0;
}
int hipModuleGetGlobal(void** address, size_t* bytes, void* module, const char* of) {
  *address = info;
  *bytes = sizeof info;
  return 0;
}
#ifndef NO_LAUNCH
int hipModuleLaunchKernel(void* function, int gx, int gy, int gz, int bx, int by, int bz, int shared,
                          void* stream, void** parameters, void** extra) {
  const int32_t* words = (const int32_t*)parameters[0];
  LOG("launch %s grid %d %d %d threads %d %d %d shared %d stream %p first %d\n", (char*)function, gx,
      gy, gz, bx, by, bz, shared, stream, words[0]);
  return 0;
}
#endif
