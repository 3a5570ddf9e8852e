// SPDX-License-Identifier: Apache-2.0
// The same bits wherever the examples are, in whatever order, and on any number of threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <numeric>

#include "farpoint/base/machine.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/run.hpp"
#include "learn/linear_data.hpp"
#include "mpi_world.hpp"

namespace farpoint::learn {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

void expect_same_bits(const Fit& found, const Fit& wanted, const std::string& what) {
  EXPECT_EQ(found.model.weights, wanted.model.weights) << what;
  EXPECT_EQ(found.model.biases, wanted.model.biases) << what;
  EXPECT_EQ(found.loss, wanted.loss) << what;
  EXPECT_EQ(found.iterations, wanted.iterations) << what;
}

/// The place of each example: pieces, dealt out, all on the last rank, at random.
std::size_t owner_of(int split, std::size_t i, std::size_t size, std::size_t ranks) {
  if (split == 0) return i * ranks / size;
  if (split == 1) return i % ranks;
  if (split == 2) return ranks - 1;
  return random_bits(static_cast<std::uint64_t>(split), 1, i) % ranks;
}

std::vector<std::size_t> shuffled(std::size_t size, std::uint64_t seed) {
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return random_bits(seed, 0, a) < random_bits(seed, 0, b); });
  return order;
}

TEST(LinearSplitsTest, RanksOrdersAndThreadsChangeNoBit) {
  const auto ranks = static_cast<std::size_t>(world().size());
  const auto rank = static_cast<std::size_t>(world().rank());
  for (const Task task : {Task::binary, Task::classes, Task::grade}) {
    // More than one range of parallel_for() a rank, and no whole number of blocks.
    const Sample sample = random_sample(11, 1501, 19, task);
    auto options = options_of(task, 1e-4, 1e-7);
    options.max_iterations = 60;
    set_threads(1);
    const Fit wanted = fit_alone(sample, options);
    for (int split = 0; split < 5; ++split) {
      set_threads(1 + split);
      const Sample mixed = sample.at(shuffled(sample.size(), static_cast<std::uint64_t>(split)));
      const Sample mine = mixed.where([&](std::size_t i) { return owner_of(split, i, sample.size(), ranks) == rank; });
      expect_same_bits(fit_linear(world(), mine.view(), options), wanted, "split " + std::to_string(split));
    }
  }
  set_threads(1);
}

TEST(LinearSplitsTest, FewExamplesLeaveRanksEmpty) {
  for (const Task task : {Task::binary, Task::classes, Task::grade}) {
    const Sample sample = random_sample(8, 9, 2, task);
    const auto options = options_of(task == Task::classes ? Task::grade : task, 1e-2, 1e-8);
    const auto ranks = static_cast<std::size_t>(world().size());
    const Sample mine =
        sample.where([&](std::size_t i) { return i % ranks == static_cast<std::size_t>(world().rank()); });
    expect_same_bits(fit_linear(world(), mine.view(), options), fit_alone(sample, options), "");
  }
}

TEST(LinearSplitsTest, MistakesOfOneRankAreEverybodys) {
  Sample mine = random_sample(8, 30, 2, Task::binary);
  if (world().rank() == world().size() - 1) mine.weights[3] = -1;
  EXPECT_THAT([&] { fit_linear(world(), mine.view(), options_of(Task::binary)); },
              ThrowsMessage<comm::AgreedError>(HasSubstr("example 3 has the weight -1")));
  if (world().size() == 1) return;
  const Sample other = random_sample(8, 30, world().rank() == 0 ? 3 : 2, Task::binary);
  EXPECT_THAT([&] { fit_linear(world(), other.view(), options_of(Task::binary)); },
              ThrowsMessage<comm::AgreedError>(HasSubstr("2 and of 3 features")));
}

/// Weights and features of any size: sums that were not exact would show here first.
RC_GTEST_PROP(LinearSplitsProperty, ExtremeNumbersInAnyOrder, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1000000);
  const auto size = *rc::gen::inRange<std::size_t>(2, 60);
  const Task task = *rc::gen::element(Task::binary, Task::grade);
  const auto powers = *rc::gen::element<std::uint64_t>(1, 4, 20, 100);
  Sample sample = random_sample(seed, size, 3, task);
  for (std::size_t i = 0; i < size; ++i) {
    const auto bits = random_bits(seed, 99, i);
    sample.rows[3 * i] *= std::ldexp(1.0F, static_cast<int>(bits % (2 * powers)) - static_cast<int>(powers));
    sample.weights[i] *= std::ldexp(1.0, static_cast<int>((bits >> 32) % powers));
  }
  if (task == Task::binary) sample.targets[0] = 0, sample.targets[1] = 1;
  auto options = options_of(task, 1e-4, 1e-6);
  options.max_iterations = 100;
  const Fit wanted = fit_alone(sample, options);
  expect_same_bits(fit_alone(sample.at(shuffled(size, seed)), options), wanted, "another order");
  RC_CLASSIFY(wanted.iterations > 5, "more than 5 iterations");
  for (const double weight : wanted.model.weights) RC_ASSERT(std::isfinite(weight));
}

}  // namespace
}  // namespace farpoint::learn
