// SPDX-License-Identifier: Apache-2.0
#include "batching.hpp"

#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "farpoint/base/log.hpp"
#include "farpoint/base/parallel.hpp"
#include "one_thread.hpp"

namespace farpoint::models {

namespace {

/// libtorch has a type for a GPU's lack of memory, but none for the machine's.
bool is_lack_of_memory(const c10::Error& error) {
  return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
         std::string_view(error.what_without_backtrace()).find("can't allocate memory") != std::string_view::npos;
}

class BatchRunner {
 public:
  explicit BatchRunner(const std::function<void(std::span<const std::uint32_t>)>& work) : work_(work) {}

  void run(std::span<const std::uint32_t> batch) {
    if (fits(batch)) return;
    if (batch.size() == 1) {
      const std::lock_guard lock(mutex_);
      failed_.push_back(batch[0]);
      return;
    }
    const auto half = batch.size() / 2;
    run(batch.first(half));
    run(batch.subspan(half));
  }

  std::vector<std::uint32_t> failed() {
    std::sort(failed_.begin(), failed_.end());
    return std::move(failed_);
  }

 private:
  bool fits(std::span<const std::uint32_t> batch) {
    // Inference mode belongs to the thread.
    const c10::InferenceMode inference;
    try {
      work_(batch);
      return true;
    } catch (const c10::Error& error) {
      if (!is_lack_of_memory(error)) throw;
      tell(batch.size());
    } catch (const std::bad_alloc&) {
      tell(batch.size());
    }
    return false;
  }

  static void tell(std::size_t sequences) {
    static std::atomic<bool> told = false;
    if (told.exchange(true)) return;
    log::warning(
        "memory of the device ran out with a batch of {} texts: it is halved until it fits, which costs time; set "
        "batch_tokens lower",
        sequences);
  }

  const std::function<void(std::span<const std::uint32_t>)>& work_;
  std::mutex mutex_;
  std::vector<std::uint32_t> failed_;
};

}  // namespace

std::vector<BatchIndices> plan_batches(std::span<const std::uint64_t> lengths, const BatchSizes& sizes) {
  std::vector<std::uint32_t> order(lengths.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return lengths[a] > lengths[b]; });
  auto left = std::accumulate(lengths.begin(), lengths.end(), std::uint64_t{0});
  const auto most = static_cast<std::uint64_t>(sizes.most);
  const auto least = std::min(static_cast<std::uint64_t>(sizes.least), most);
  // Guided self-scheduling (Polychronopoulos and Kuck 1987), for so many threads; more of them are less well balanced.
  constexpr std::uint64_t shares = 16;
  std::vector<BatchIndices> batches;
  std::uint64_t tokens = 0;
  std::uint64_t budget = 0;
  for (const auto index : order) {
    if (batches.empty() || tokens + lengths[index] > budget) {
      batches.emplace_back();
      tokens = 0;
      budget = std::clamp(left / shares, least, most);
    }
    batches.back().push_back(index);
    tokens += lengths[index];
    left -= lengths[index];
  }
  return batches;
}

std::vector<std::uint32_t> run_batches(const std::vector<BatchIndices>& batches, const BatchRun& how,
                                       const std::function<void(std::span<const std::uint32_t>)>& work) {
  BatchRunner runner(work);
  const auto run = [&](const BatchIndices& batch) {
    if (how.before_each) how.before_each();
    runner.run(batch);
  };
  if (how.in_parallel) {
    parallel_for(batches.size(), 1, [&](std::size_t, std::size_t begin, std::size_t end) {
      const OneThread one;
      for (std::size_t i = begin; i < end; ++i) run(batches[i]);
    });
  } else {
    for (const auto& batch : batches) run(batch);
  }
  return runner.failed();
}

Distinct find_distinct(std::size_t count, const std::function<std::string_view(std::size_t)>& key) {
  Distinct distinct;
  std::unordered_map<std::string_view, std::uint32_t> places;
  for (std::size_t i = 0; i < count; ++i) {
    const auto [found, is_new] = places.emplace(key(i), static_cast<std::uint32_t>(distinct.first.size()));
    if (is_new) distinct.first.push_back(static_cast<std::uint32_t>(i));
    distinct.of_sequence.push_back(found->second);
  }
  return distinct;
}

}  // namespace farpoint::models
