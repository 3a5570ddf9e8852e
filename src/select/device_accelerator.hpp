// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "cuda/bound_tasks.hpp"
#include "cuda/selection_tasks.hpp"

namespace farpoint::select {

/// Something to do for each number below a count, in any order: all that an accelerator can run.
using DeviceTask =
    std::variant<FoldTask, AffinityMatrixTask, HistogramTask, ListTask, CountAgesTask, SortByAgeTask, LowerTask,
                 MeasureNearestTask, MeasureOthersTask, LabelTask, SetExactTask, GatherTask, AssignTask>;

/// A processor with a memory of its own. What is asked of it happens in the order of the calls. For one thread.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  virtual std::string name() const = 0;
  /// Bytes that can be allocated.
  virtual std::uint64_t free_memory() const = 0;
  /// Throws Error when there is too little memory.
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  /// Waits for all that was asked before.
  virtual void download(void* to, const void* from, std::size_t bytes) const = 0;
  /// Within its memory.
  virtual void copy(void* to, const void* from, std::size_t bytes) = 0;
  virtual void clear(void* memory, std::size_t bytes) = 0;
  /// Pointers in the task are to the accelerator's memory. Throws Error when it cannot run.
  virtual void run(const DeviceTask& task, std::size_t count) = 0;
};

/// This processor as an accelerator, one index after the other: for tests, which so need no GPU. It has `memory` bytes,
/// and never gives out more; `peak`, if not null, becomes the most that it gave out at a time.
std::unique_ptr<Accelerator> make_host_accelerator(std::uint64_t memory = std::numeric_limits<std::uint64_t>::max(),
                                                   std::uint64_t* peak = nullptr);

/// Throws UsageError when this program was built without CUDA.
void check_cuda_support();
/// A GPU: the one that is asked for, or the rank modulo those that this process sees. Throws UsageError when there is
/// none.
std::unique_ptr<Accelerator> make_cuda_accelerator(std::optional<int> gpu, int rank);

}  // namespace farpoint::select
