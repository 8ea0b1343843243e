// What the programs here need of a device: the emulation, or a GPU through CUDA's driver interface.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <memory>
#include <string>
#include <vector>

#include "abi.h"

namespace kvcache::gpu {

[[noreturn]] inline void die(const std::string& why) {
  fprintf(stderr, "%s\n", why.c_str());
  exit(2);
}

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string name() const = 0;
  // True where decoding takes queries as FP8 in two parts.
  virtual bool shortQueries() const = 0;
  virtual void* allocate(size_t bytes) = 0;
  virtual void free(void* memory) = 0;
  virtual void upload(void* to, const void* from, size_t bytes) = 0;
  virtual void download(void* to, const void* from, size_t bytes) = 0;
  virtual KernelInfo info(const std::string& kernel) = 0;
  virtual void launch(const std::string& kernel, int x, int y, int z, const void* args,
                      size_t argBytes) = 0;
  virtual void synchronize() {}

  template <class Args>
  void launch(const std::string& kernel, int x, int y, int z, const Args& args) {
    launch(kernel, x, y, z, &args, sizeof args);
  }
};

// target: emu-cuda (sm_80 and on), emu-sm90, emu-hip (gfx950), or cuda, which loads the fatbin.
std::unique_ptr<Backend> open(const std::string& target, const std::string& fatbin);

// An array on a device.
template <class T>
class Array {
 public:
  Array(Backend& on, size_t count) : backend(&on), size(count) {
    memory = on.allocate(greatest(count) * sizeof(T));
  }
  Array(Backend& on, const std::vector<T>& from) : Array(on, from.size()) { set(from); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;
  ~Array() { backend->free(memory); }

  void set(const std::vector<T>& from) { backend->upload(memory, from.data(), from.size() * sizeof(T)); }
  std::vector<T> get() const {
    std::vector<T> copy(size);
    backend->download(copy.data(), memory, size * sizeof(T));
    return copy;
  }
  T* at() const { return (T*)memory; }

 private:
  static size_t greatest(size_t count) { return count == 0 ? 1 : count; }

  Backend* backend;
  size_t size;
  void* memory;
};

}  // namespace kvcache::gpu
