// SPDX-License-Identifier: Apache-2.0
// The GPU's kernels whose threads work together, run by as many threads of this processor: what CUDA has built in is
// defined here. Slow, and says nothing of a GPU's arithmetic; but indices, edges and the places of barriers are tested.
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <cmath>
#include <functional>
#include <thread>

#include "datasets.hpp"
#include "farpoint/base/random.hpp"
#include "select/cuda/bound_tasks.hpp"
#include "select/device_search.hpp"
#include "select/device_vectors.hpp"

// NOLINTBEGIN(bugprone-reserved-identifier): the names are CUDA's
#define __device__
#define __global__
#define __shared__ static
#define __launch_bounds__(threads)
// NOLINTEND(bugprone-reserved-identifier)

namespace farpoint::select {
namespace {

struct Number3 {
  std::uint32_t x = 0, y = 0, z = 0;
};
thread_local Number3 threadIdx;
Number3 blockIdx;
Number3 gridDim;
std::barrier<>* block_barrier = nullptr;

void wait_for_block() {
  block_barrier->arrive_and_wait();
}

std::uint32_t min(std::uint32_t a, std::uint32_t b) {
  return std::min(a, b);
}
std::uint32_t max(std::uint32_t a, std::uint32_t b) {
  return std::max(a, b);
}
void add_atomically(std::uint32_t* to, std::uint32_t number) {
  std::atomic_ref(*to).fetch_add(number);
}
float fused(float x, float y, float z) {
  return std::fma(x, y, z);
}

}  // namespace
}  // namespace farpoint::select

// NOLINTBEGIN(bugprone-reserved-identifier)
#define __syncthreads wait_for_block
#define atomicAdd add_atomically
#define __fmaf_rn fused
// NOLINTEND(bugprone-reserved-identifier)
#include "select/cuda/histogram.cuh"
#include "select/cuda/tiles.cuh"

namespace farpoint::select {
namespace {

void run_blocks(Number3 blocks, std::uint32_t threads, const std::function<void()>& kernel) {
  std::barrier<> barrier(static_cast<std::ptrdiff_t>(threads));
  block_barrier = &barrier;
  gridDim = blocks;
  std::vector<std::thread> team;
  for (std::uint32_t thread = 0; thread < threads; ++thread) {
    team.emplace_back([&, thread] {
      threadIdx.x = thread;
      for (std::uint32_t y = 0; y < blocks.y; ++y) {
        for (std::uint32_t x = 0; x < blocks.x; ++x) {
          barrier.arrive_and_wait();
          if (thread == 0) blockIdx = {x, y, 0};
          barrier.arrive_and_wait();
          kernel();
        }
      }
    });
  }
  for (auto& each : team) each.join();
}

std::uint32_t tiles_of(std::size_t count) {
  return static_cast<std::uint32_t>((count + tile - 1) / tile);
}

/// Rows against centres that are the first of them.
struct Products {
  Products(std::size_t rows_count, std::size_t dimension, std::size_t centre_count)
      : data(normal_data(rows_count, dimension, 5, true)),
        screening(Metric::cosine, dimension),
        centres(screening, dimension),
        accelerator(make_host_accelerator()),
        rows(*accelerator, data.pool()),
        on_device(*accelerator, centres, 0) {
    for (std::size_t c = 0; c < centre_count; ++c) centres.add(data.pool().row(c), data.ids[c]);
    on_device.update();
    view.rows = rows.view();
    view.centres = on_device.view();
    view.count = static_cast<std::uint32_t>(rows_count);
    view.end = view.centres.count;
    for (std::size_t i = 0; i < rows_count; ++i) {
      applied.push_back(static_cast<std::uint32_t>(random_bits(1, 0, i) % (centre_count + 1)));
      list.push_back(static_cast<std::uint32_t>(random_bits(2, 0, i) % rows_count));
    }
  }

  Dataset data;
  Screening screening;
  Centres centres;
  std::unique_ptr<Accelerator> accelerator;
  DeviceRows rows;
  DeviceCentres on_device;
  ProductView view;
  std::vector<std::uint32_t> applied, list;
};

/// Unit vectors' products, in another order or fused.
constexpr float rounding = 1e-5F;

void expect_same_tops(const FoldTask& folded, const FoldTask& reference) {
  for (std::uint32_t i = 0; i < folded.view.count; ++i) {
    const TopTwo top = folded.merged(i);
    const TopTwo expected = reference.merged(i);
    EXPECT_EQ(top.centre, expected.centre) << i;
    EXPECT_TRUE(top.greatest == expected.greatest || std::abs(top.greatest - expected.greatest) < rounding) << i;
    EXPECT_TRUE(top.second == expected.second || std::abs(top.second - expected.second) < rounding) << i;
  }
}

class FoldedTiles : public testing::TestWithParam<std::array<std::size_t, 3>> {};

TEST_P(FoldedTiles, AreThePlainFolds) {
  const auto [rows, dimension, centres] = GetParam();
  Products products(rows, dimension, centres);
  for (const bool plain : {true, false}) {
    if (!plain) {
      products.view.list = products.list.data();
      products.view.applied = products.applied.data();
      products.view.begin = static_cast<std::uint32_t>(centres / 3);
    }
    DeviceSearch search(*products.accelerator, rows);
    const FoldTask reference = search.fold(products.view);
    std::vector<TopTwo> tops(reference.size());
    FoldTask task = reference;
    task.tops = tops.data();

    run_blocks({tiles_of(rows), task.parts, 1}, tile_threads, [&] { fold_tiles(task); });

    expect_same_tops(task, reference);
  }
}

TEST_P(FoldedTiles, HaveAllAffinities) {
  const auto [rows, dimension, centres] = GetParam();
  Products products(rows, dimension, centres);
  products.view.list = products.list.data();
  products.view.begin = static_cast<std::uint32_t>(centres / 3);
  AffinityMatrixTask task{products.view};
  std::vector<float> affinities(task.size(), -9);
  task.affinities = affinities.data();
  std::vector<float> expected(task.size());
  AffinityMatrixTask reference{products.view, expected.data()};

  for (std::size_t i = 0; i < reference.size(); ++i) reference(i);
  run_blocks({tiles_of(rows), tiles_of(task.width()), 1}, tile_threads, [&] { matrix_tiles(task); });

  for (std::size_t i = 0; i < task.size(); ++i) EXPECT_NEAR(affinities[i], expected[i], rounding);
}

INSTANTIATE_TEST_SUITE_P(Shapes, FoldedTiles,
                         testing::Values(std::array<std::size_t, 3>{64, 16, 64}, std::array<std::size_t, 3>{65, 17, 65},
                                         std::array<std::size_t, 3>{7, 3, 2}, std::array<std::size_t, 3>{200, 33, 150}),
                         [](const auto& test) {
                           return std::to_string(test.param[0]) + "_" + std::to_string(test.param[1]) + "_" +
                                  std::to_string(test.param[2]);
                         });

TEST(HistogramOfBlocks, IsThePlainHistogram) {
  constexpr std::uint32_t rows = 3000;
  std::vector<double> bounds;
  const std::vector<std::uint32_t> counts(rows, 3);
  for (std::size_t i = 0; i < rows; ++i) bounds.push_back(static_cast<double>(random_bits(1, 0, i) % 50) / 7);
  for (const Digit digit : {Digit{53, 11, true}, Digit{42, 11, true}}) {
    std::vector<std::uint32_t> bins(Digit::bins, 0), expected(Digit::bins, 0);
    HistogramTask task{{{bounds.data()}, counts.data(), 3, true, {}}, digit, {ordered(2.0), 0}, bins.data()};
    HistogramTask reference = task;
    reference.bins = expected.data();

    for (std::size_t row = 0; row < rows; ++row) reference(row);
    run_blocks({5, 1, 1}, histogram_threads, [&] { count_digits(task, rows); });

    EXPECT_EQ(bins, expected);
  }
}

}  // namespace
}  // namespace farpoint::select
