// SPDX-License-Identifier: Apache-2.0
// Sums of exponentials over a tile of logits: each number is read once, and no float32 copy of the tile is made.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "log_sum.hpp"

namespace farpoint::models {

namespace {

constexpr int threads = 256;
constexpr int warp = 32;
constexpr float lowest = -3e38F;

__device__ float read(float number) {
  return number;
}
__device__ float read(__nv_bfloat16 number) {
  return __bfloat162float(number);
}
__device__ float read(__half number) {
  return __half2float(number);
}

/// sum of exp(x - greatest) over the x seen so far.
struct Partial {
  float greatest;
  float sum;

  __device__ void add(float x) {
    if (x <= greatest) {
      sum += __expf(x - greatest);
    } else {
      // NaN comes here too, and stays.
      sum = sum * __expf(greatest - x) + 1;
      greatest = x;
    }
  }
  __device__ void merge(const Partial& other) {
    const float most = fmaxf(greatest, other.greatest);
    sum = sum * __expf(greatest - most) + other.sum * __expf(other.greatest - most);
    greatest = most;
  }
};

__device__ Partial merge_warp(Partial mine) {
  for (int distance = warp / 2; distance > 0; distance /= 2) {
    mine.merge(
        {__shfl_down_sync(0xffffffffU, mine.greatest, distance), __shfl_down_sync(0xffffffffU, mine.sum, distance)});
  }
  return mine;
}

/// One block a row.
template <typename Number>
__global__ void __launch_bounds__(threads) add_log_sum(DeviceLogSumTask task) {
  __shared__ Partial of_warps[threads / warp];
  const std::int64_t row = blockIdx.x;
  const Number* logits = static_cast<const Number*>(task.logits) + row * task.width;
  Partial mine{lowest, 0};
  for (std::int64_t i = threadIdx.x; i < task.width; i += threads) mine.add(read(logits[i]));
  mine = merge_warp(mine);
  if (threadIdx.x % warp == 0) of_warps[threadIdx.x / warp] = mine;
  __syncthreads();
  if (threadIdx.x != 0) return;
  Partial all{task.greatest[row], task.sum[row]};
  for (const auto& of_warp : of_warps) all.merge(of_warp);
  task.greatest[row] = all.greatest;
  task.sum[row] = all.sum;
  const std::int64_t target = task.targets[row];
  if (target >= 0 && target < task.width) task.target[row] = read(logits[target]);
}

}  // namespace

void add_log_sum_on_device(const DeviceLogSumTask& task, DeviceNumber type) {
  const auto rows = static_cast<unsigned>(task.rows);
  auto* const stream = static_cast<cudaStream_t>(task.stream);
  switch (type) {
    case DeviceNumber::fp32:
      add_log_sum<float><<<rows, threads, 0, stream>>>(task);
      break;
    case DeviceNumber::bf16:
      add_log_sum<__nv_bfloat16><<<rows, threads, 0, stream>>>(task);
      break;
    case DeviceNumber::fp16:
      add_log_sum<__half><<<rows, threads, 0, stream>>>(task);
      break;
  }
}

}  // namespace farpoint::models
