// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace farpoint::models {

/// Numbers of sequences that go through the model together.
using BatchIndices = std::vector<std::uint32_t>;

/// Tokens of a batch.
struct BatchSizes {
  std::int64_t most = 2048;
  /// Batches shrink towards the end, down to this, so that several threads end at about the same time; as large as
  /// `most` where one device computes them all.
  std::int64_t least = 2048;
};

/// Cuts sequences into batches of at most `sizes.most` tokens (one sequence at least), longest first, so that a batch
/// holds sequences of about one length and a lack of memory shows at once. Depends on nothing but the arguments.
std::vector<BatchIndices> plan_batches(std::span<const std::uint64_t> lengths, const BatchSizes& sizes);

struct BatchRun {
  /// On all threads of parallel_for() with one batch a thread; else one batch after the other, as a GPU wants them.
  bool in_parallel = false;
  std::function<void()> before_each;  ///< may be empty; on the thread of the batch
};

/// Calls work(batch) for all batches. A batch for which memory runs out is halved, and halved again; the log says so
/// once. Returns the sequences that do not fit even alone. Other exceptions of `work` and `before_each` are thrown
/// here.
std::vector<std::uint32_t> run_batches(const std::vector<BatchIndices>& batches, const BatchRun& how,
                                       const std::function<void(std::span<const std::uint32_t>)>& work);

/// Which of many sequences are the same.
struct Distinct {
  std::vector<std::uint32_t> first;        ///< the first one of each kind
  std::vector<std::uint32_t> of_sequence;  ///< [sequences]: its place in `first`
};

/// `key(i)` is what sequence i consists of; valid during the call.
Distinct find_distinct(std::size_t count, const std::function<std::string_view(std::size_t)>& key);

}  // namespace farpoint::models
