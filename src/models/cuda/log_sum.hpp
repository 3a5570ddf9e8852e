// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace farpoint::models {

/// As LogSumTask of kernels.hpp; all pointers are to the device's memory, `stream` is a cudaStream_t.
struct DeviceLogSumTask {
  const void* logits = nullptr;  ///< [rows, width], dense
  std::int64_t rows = 0;
  std::int64_t width = 0;
  const std::int64_t* targets = nullptr;
  float* greatest = nullptr;
  float* sum = nullptr;
  float* target = nullptr;
  void* stream = nullptr;
};

enum class DeviceNumber { fp32, bf16, fp16 };

/// Starts the kernel; a failure to start shows at the stream's next call.
void add_log_sum_on_device(const DeviceLogSumTask& task, DeviceNumber type);

}  // namespace farpoint::models
