// A libcuda without a GPU: memory is the host's, launches are printed. What JCuda needs beyond these
// functions is added by the test.
//   -DVERSION=11080   the driver's version
//   -DINIT=999        what cuInit returns
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef VERSION
#define VERSION 12060
#endif
#ifndef INIT
#define INIT 0
#endif

typedef uint64_t Address;
static int info[3] = {128, 16, 65536};

int cuInit(unsigned flags) { return INIT; }
int cuDriverGetVersion(int* version) { *version = VERSION; return 0; }
int cuDeviceGetCount(int* count) { *count = 1; return 0; }
int cuDeviceGet(int* device, int ordinal) { *device = ordinal; return 0; }
int cuDeviceGetName(char* name, int length, int device) { snprintf(name, length, "Stub GPU"); return 0; }
int cuDeviceTotalMem_v2(size_t* bytes, int device) { *bytes = 5UL << 30; return 0; }
int cuDeviceGetAttribute(int* value, int attribute, int device) {
  *value = attribute == 16 ? 4 : attribute == 75 ? 9 : attribute == 76 ? 0 : -1;
  return 0;
}
int cuDevicePrimaryCtxRetain(void** context, int device) { *context = (void*)0xc1; return 0; }
int cuDevicePrimaryCtxRelease_v2(int device) { return 0; }
int cuCtxSetCurrent(void* context) { return context == (void*)0xc1 ? 0 : 201; }
int cuCtxSynchronize(void) { return 0; }
int cuModuleLoadData(void** module, const void* image) { printf("load %.3s\n", (const char*)image); *module = (void*)0x71; return 0; }
int cuModuleUnload(void* module) { printf("unload %p\n", module); fflush(stdout); return 0; }
int cuModuleGetFunction(void** function, void* module, const char* name) {
  if (strstr(name, "decode8")) return 500;
  *function = strdup(name);
  return 0;
}
int cuModuleGetGlobal_v2(Address* address, size_t* bytes, void* module, const char* name) {
  *address = (Address)info;
  if (bytes) *bytes = sizeof info;
  return 0;
}
int cuFuncSetAttribute(void* function, int attribute, int value) {
  printf("attribute %d of %s is %d\n", attribute, (char*)function, value);
  return 0;
}
int cuMemAlloc_v2(Address* address, size_t bytes) {
  if (bytes > 1UL << 40) return 2;
  *address = (Address)malloc(bytes);
  return 0;
}
int cuMemFree_v2(Address address) { free((void*)address); return 0; }
int cuMemHostAlloc(void** address, size_t bytes, unsigned flags) { *address = malloc(bytes); return 0; }
int cuMemHostGetDevicePointer_v2(Address* device, void* host, unsigned flags) { *device = (Address)host; return 0; }
int cuMemFreeHost(void* address) { free(address); return 0; }
int cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t bytes, void* stream) { memcpy((void*)to, from, bytes); return 0; }
int cuMemcpyDtoHAsync_v2(void* to, Address from, size_t bytes, void* stream) { memcpy(to, (void*)from, bytes); return 0; }
int cuMemcpyDtoH_v2(void* to, Address from, size_t bytes) { memcpy(to, (void*)from, bytes); return 0; }
int cuMemsetD8Async(Address to, unsigned char value, size_t bytes, void* stream) { memset((void*)to, value, bytes); return 0; }
int cuStreamCreate(void** stream, unsigned flags) { *stream = (void*)0x51; return 0; }
int cuStreamDestroy_v2(void* stream) { return stream == (void*)0x51 ? 0 : 400; }
int cuStreamSynchronize(void* stream) { return 0; }
int cuStreamWaitEvent(void* stream, void* event, unsigned flags) { printf("wait %p %p\n", stream, event); return 0; }
int cuEventCreate(void** event, unsigned flags) { *event = (void*)0xe1; return 0; }
int cuEventDestroy_v2(void* event) { return event == (void*)0xe1 ? 0 : 400; }
int cuEventRecord(void* event, void* stream) { printf("record %p %p\n", event, stream); return 0; }
int cuEventSynchronize(void* event) { return 0; }
int cuEventElapsedTime(float* millis, void* from, void* to) { *millis = 1.5f; return 0; }
int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                   unsigned bz, unsigned shared, void* stream, void** parameters, void** extra) {
  const int64_t* words = (const int64_t*)parameters[0];
  printf("launch %s grid %u %u %u threads %u %u %u shared %u stream %p slot bytes %ld\n",
         (char*)function, gx, gy, gz, bx, by, bz, shared, stream, (long)words[1]);
  fflush(stdout);
  return 0;
}
