// SPDX-License-Identifier: Apache-2.0
#include <cuda_runtime_api.h>

#include <algorithm>
#include <string>

#include "../device_accelerator.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/select/device.hpp"
#include "histogram.cuh"
#include "tiles.cuh"

namespace farpoint::select {

namespace {

constexpr unsigned threads = 256;

void check(cudaError_t status, const std::string& doing) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // it is told now
  throw Error("CUDA, " + doing + ": " + cudaGetErrorString(status));
}

/// One thread an index.
template <typename Task>
__global__ void __launch_bounds__(threads) run_each(const Task task, std::size_t count) {
  const std::size_t i = static_cast<std::size_t>(blockIdx.x) * threads + threadIdx.x;
  if (i < count) task(i);
}

constexpr unsigned blocks_for(std::size_t count, std::size_t of_block) {
  return static_cast<unsigned>((count + of_block - 1) / of_block);
}

template <typename Task>
void launch(const Task& task, std::size_t count) {
  run_each<<<blocks_for(count, threads), threads>>>(task, count);
}
void launch(const HistogramTask& task, std::size_t count) {
  constexpr unsigned most_blocks = 1024;
  count_digits<<<std::min(blocks_for(count, histogram_threads), most_blocks), histogram_threads>>>(
      task, static_cast<std::uint32_t>(count));
}
void launch(const FoldTask& task, std::size_t) {
  fold_tiles<<<dim3(blocks_for(task.view.count, tile), task.parts), tile_threads>>>(task);
}
void launch(const AffinityMatrixTask& task, std::size_t) {
  const dim3 blocks(blocks_for(task.view.count, tile), blocks_for(task.width(), tile));
  matrix_tiles<<<blocks, tile_threads>>>(task);
}

/// Everything goes through the default stream, so that it happens in order.
class CudaAccelerator final : public Accelerator {
 public:
  explicit CudaAccelerator(int gpu) : gpu_(gpu) {
    check(cudaSetDevice(gpu), "GPU " + std::to_string(gpu));
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, gpu), "properties of the GPU");
    name_ = "GPU " + std::to_string(gpu) + " (" + properties.name + ")";
  }

  std::string name() const override { return name_; }
  std::uint64_t free_memory() const override {
    std::size_t free = 0;
    std::size_t all = 0;
    check(cudaMemGetInfo(&free, &all), "memory of " + name_);
    return free;
  }
  void* allocate(std::size_t bytes) override {
    void* memory = nullptr;
    check(cudaMalloc(&memory, bytes), "allocating " + std::to_string(bytes) + " bytes on " + name_ +
                                          " (store vectors as bfloat16, use more ranks and GPUs, or device cpu)");
    return memory;
  }
  void release(void* memory) noexcept override { cudaFree(memory); }
  void upload(void* to, const void* from, std::size_t bytes) override {
    check(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice), "copying to " + name_);
  }
  void download(void* to, const void* from, std::size_t bytes) const override {
    check(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "copying from " + name_);
  }
  void copy(void* to, const void* from, std::size_t bytes) override {
    check(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToDevice), "copying on " + name_);
  }
  void clear(void* memory, std::size_t bytes) override { check(cudaMemset(memory, 0, bytes), "clearing on " + name_); }

  void run(const DeviceTask& task, std::size_t count) override {
    if (count == 0) return;
    std::visit([count](const auto& each) { launch(each, count); }, task);
    check(cudaGetLastError(), "starting a kernel on " + name_);
  }

 private:
  int gpu_;
  std::string name_;
};

}  // namespace

int cuda_devices() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

void check_cuda_support() {}

std::unique_ptr<Accelerator> make_cuda_accelerator(std::optional<int> gpu, int rank) {
  const int count = cuda_devices();
  if (count == 0) {
    throw UsageError(
        "device is cuda, but this process sees no GPU: check the driver and CUDA_VISIBLE_DEVICES, or set device to "
        "cpu");
  }
  if (gpu && (*gpu < 0 || *gpu >= count)) {
    throw UsageError("GPU " + std::to_string(*gpu) + " is asked for, but this process sees " + std::to_string(count) +
                     ", counted from 0");
  }
  return std::make_unique<CudaAccelerator>(gpu.value_or(rank % count));
}

}  // namespace farpoint::select
