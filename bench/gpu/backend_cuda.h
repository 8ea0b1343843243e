// A GPU through CUDA's driver interface.
#pragma once

#include <cuda.h>

#include <map>

#include "backend.h"

namespace kvcache::gpu {

class Cuda : public Backend {
 public:
  explicit Cuda(const std::string& fatbin);

  std::string name() const override { return title; }
  bool shortQueries() const override { return capability == 9; }
  void* allocate(size_t bytes) override;
  void free(void* memory) override;
  void upload(void* to, const void* from, size_t bytes) override;
  void download(void* to, const void* from, size_t bytes) override;
  KernelInfo info(const std::string& name) override { return kernel(name).info; }
  void launch(const std::string& kernel, int x, int y, int z, const void* args,
              size_t argBytes) override;
  using Backend::launch;
  void synchronize() override;

  void copyOnDevice(void* to, const void* from, size_t bytes);
  int attribute(CUdevice_attribute which);

 private:
  friend class Event;

  struct Kernel {
    CUfunction function;
    KernelInfo info;
  };

  const Kernel& kernel(const std::string& name);

  CUdevice device;
  CUcontext context;
  CUstream stream;
  CUmodule module;
  std::string title;
  int capability;
  std::map<std::string, Kernel> kernels;
};

class Event {
 public:
  explicit Event(Cuda& of);
  void record();
  float since(const Event& start);  // milliseconds

 private:
  Cuda& cuda;
  CUevent event;
};

}  // namespace kvcache::gpu
