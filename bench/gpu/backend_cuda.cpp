#include "backend_cuda.h"

#include <dlfcn.h>

#include <fstream>
#include <iterator>

namespace kvcache::gpu {
namespace {

void* library() {
  static void* handle = [] {
    void* found = dlopen("libcuda.so.1", RTLD_NOW);
    if (found == nullptr) {
      die("libcuda.so.1 was not found: install NVIDIA's driver");
    }
    return found;
  }();
  return handle;
}

template <class Function>
Function symbol(const char* name) {
  void* found = dlsym(library(), name);
  if (found == nullptr) {
    die(std::string("libcuda.so.1 has no ") + name + ": install a newer driver");
  }
  return (Function)found;
}

// The driver is found when it is there, so that this links where it is not.
#define CALL(NAME, ...)                                                            \
  do {                                                                             \
    static auto call = symbol<decltype(&NAME)>(STRING(NAME));                      \
    CUresult result = call(__VA_ARGS__);                                           \
    if (result != CUDA_SUCCESS) {                                                  \
      die(std::string(STRING(NAME)) + " gave error " + std::to_string((int)result)); \
    }                                                                              \
  } while (0)
#define STRING(NAME) STRING_OF(NAME)
#define STRING_OF(NAME) #NAME

}  // namespace

Cuda::Cuda(const std::string& fatbin) {
  CALL(cuInit, 0);
  CALL(cuDeviceGet, &device, 0);
  CALL(cuDevicePrimaryCtxRetain, &context, device);
  CALL(cuCtxSetCurrent, context);
  CALL(cuStreamCreate, &stream, CU_STREAM_NON_BLOCKING);
  char text[200];
  CALL(cuDeviceGetName, text, sizeof text, device);
  title = text;
  capability = attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
  std::ifstream file(fatbin, std::ios::binary);
  std::vector<char> image((std::istreambuf_iterator<char>(file)), {});
  if (image.empty()) {
    die("cannot read " + fatbin + ": build it with build.sh cuda");
  }
  CALL(cuModuleLoadData, &module, image.data());
}

int Cuda::attribute(CUdevice_attribute which) {
  int value = 0;
  CALL(cuDeviceGetAttribute, &value, which, device);
  return value;
}

void* Cuda::allocate(size_t bytes) {
  CUdeviceptr at = 0;
  CALL(cuMemAlloc, &at, bytes);
  CALL(cuMemsetD8, at, 0xa5, bytes);
  return (void*)at;
}

void Cuda::free(void* memory) { CALL(cuMemFree, (CUdeviceptr)memory); }

void Cuda::upload(void* to, const void* from, size_t bytes) {
  if (bytes > 0) {
    CALL(cuMemcpyHtoD, (CUdeviceptr)to, from, bytes);
  }
}

void Cuda::download(void* to, const void* from, size_t bytes) {
  synchronize();
  if (bytes > 0) {
    CALL(cuMemcpyDtoH, to, (CUdeviceptr)from, bytes);
  }
}

void Cuda::copyOnDevice(void* to, const void* from, size_t bytes) {
  CALL(cuMemcpyDtoDAsync, (CUdeviceptr)to, (CUdeviceptr)from, bytes, stream);
}

void Cuda::synchronize() { CALL(cuStreamSynchronize, stream); }

const Cuda::Kernel& Cuda::kernel(const std::string& name) {
  auto found = kernels.find(name);
  if (found != kernels.end()) {
    return found->second;
  }
  Kernel kernel;
  CALL(cuModuleGetFunction, &kernel.function, module, name.c_str());
  CUdeviceptr at = 0;
  size_t bytes = 0;
  CALL(cuModuleGetGlobal, &at, &bytes, module, (name + "_info").c_str());
  CALL(cuMemcpyDtoH, &kernel.info, at, sizeof kernel.info);
  CALL(cuFuncSetAttribute, kernel.function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
       kernel.info.sharedBytes);
  return kernels[name] = kernel;
}

void Cuda::launch(const std::string& name, int x, int y, int z, const void* args, size_t) {
  const Kernel& of = kernel(name);
  void* parameters[] = {const_cast<void*>(args)};
  CALL(cuLaunchKernel, of.function, (unsigned)x, (unsigned)y, (unsigned)z,
       (unsigned)of.info.threads, 1, 1, (unsigned)of.info.sharedBytes, stream, parameters,
       nullptr);
}

Event::Event(Cuda& of) : cuda(of) { CALL(cuEventCreate, &event, CU_EVENT_DEFAULT); }
void Event::record() { CALL(cuEventRecord, event, cuda.stream); }
float Event::since(const Event& start) {
  CALL(cuEventSynchronize, event);
  float ms = 0;
  CALL(cuEventElapsedTime, &ms, start.event, event);
  return ms;
}

std::unique_ptr<Backend> openCuda(const std::string& fatbin) {
  return std::make_unique<Cuda>(fatbin);
}

}  // namespace kvcache::gpu
