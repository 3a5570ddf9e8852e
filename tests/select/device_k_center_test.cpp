// SPDX-License-Identifier: Apache-2.0
// The accelerator's k-center against its definition: all of it but the GPU's own kernels runs on the host too, and
// those where there is a GPU.
#include <gtest/gtest.h>

#include "datasets.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/select/stored_rows.hpp"
#include "mpi_world.hpp"
#include "select/k_center_on.hpp"

namespace farpoint::select {
namespace {

constexpr const char* no_gpu = "there is no GPU, or this build is without CUDA";

/// As candidates in an array, or of StoredRows.
KCenterResult run_on(Accelerator& accelerator, const Dataset& part, const KCenterOptions& options) {
  return k_center_on(&accelerator, world(), part.candidates(), part.curated, options);
}

void expect_reference(Accelerator& accelerator, const Case& test) {
  auto& comm = world();
  const Dataset data = test.make();
  KCenterOptions options = test.options;
  const auto reference = reference_k_center(data, options);
  for (const std::size_t pool_size : {1, 16, 256}) {
    for (const std::uint64_t split : {0, 1}) {
      options.pool_size = pool_size;
      const Dataset part = part_of(data, comm.rank(), comm.size(), split);
      const auto result = run_on(accelerator, part, options);

      SCOPED_TRACE(testing::Message() << "pool size " << pool_size << ", split " << split);
      expect_same(result, reference, data, part);
    }
  }
}

class DeviceKCenter : public testing::TestWithParam<Case> {};

TEST_P(DeviceKCenter, EqualsTheReferenceOnTheHost) {
  expect_reference(*make_host_accelerator(), GetParam());
}

TEST_P(DeviceKCenter, EqualsTheReferenceOnAGpu) {
  if (cuda_devices() == 0) GTEST_SKIP() << no_gpu;
  expect_reference(*make_cuda_accelerator({}, world().rank()), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Hard, DeviceKCenter, testing::ValuesIn(hard_cases()),
                         [](const auto& test) { return test.param.name; });

/// More rows, centres and components than a tile has, and not multiples of it.
Case several_tiles() {
  Case test{"several_tiles", {}, [] { return normal_data(1500, 67, 4, true); }};
  test.options.limits.records = 150;
  return test;
}

TEST(DeviceKCenterOfSeveralTiles, EqualsTheReferenceOnTheHost) {
  expect_reference(*make_host_accelerator(), several_tiles());
}

TEST(DeviceKCenterOfSeveralTiles, EqualsTheReferenceOnAGpu) {
  if (cuda_devices() == 0) GTEST_SKIP() << no_gpu;
  expect_reference(*make_cuda_accelerator({}, world().rank()), several_tiles());
}

void expect_every_storage(Accelerator& accelerator) {
  auto& comm = world();
  for (const auto storage : {Storage::float32, Storage::float16, Storage::bfloat16}) {
    Dataset data = normal_data(300, 24, 1, true);
    round_to(storage, data.rows);
    KCenterOptions options;
    options.limits.records = 60;
    const auto reference = reference_k_center(data, options);
    const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
    StoredRows rows(storage, data.dimension);
    for (std::size_t i = 0; i < part.ids.size(); ++i) rows.append(part.pool().row(i));

    const auto result = k_center_on(&accelerator, comm, {rows.view(part.ids)}, {}, options);

    SCOPED_TRACE(static_cast<int>(storage));
    expect_same(result, reference, data, part);
  }
}

TEST(DeviceKCenterRows, OfEveryStorageOnTheHost) {
  expect_every_storage(*make_host_accelerator());
}

TEST(DeviceKCenterRows, OfEveryStorageOnAGpu) {
  if (cuda_devices() == 0) GTEST_SKIP() << no_gpu;
  expect_every_storage(*make_cuda_accelerator({}, world().rank()));
}

TEST(DeviceKCenterRun, GoesOnWhereItWasInterrupted) {
  auto& comm = world();
  const auto accelerator = make_host_accelerator();
  const Dataset data = normal_data(300, 12, 8, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  KCenterOptions options;
  options.limits.records = 60;
  options.pool_size = 16;
  std::vector<KCenterPicks> moments;
  k_center_on(accelerator.get(), comm, part.candidates(), {}, options,
              [&](const auto& so_far) { moments.push_back(so_far); });

  const auto result =
      k_center_on(accelerator.get(), comm, part.candidates(), {}, options, {}, moments.at(moments.size() / 2));

  expect_same(result, reference_k_center(data, options), data, part);
}

TEST(DeviceKCenterRun, ComparesAsManyPairsInEverySplitOfItsWork) {
  // A pass screens what a CPU would screen: at most all rows against all centres, and the exact values of the pools.
  auto& comm = world();
  const Dataset data = normal_data(1000, 16, 1, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  KCenterOptions options;
  options.limits.records = 200;

  const auto result = run_on(*make_host_accelerator(), part, options);

  EXPECT_GT(result.costs.distances, 0);
  EXPECT_LE(result.costs.distances, 3 * 1000 * 200);
  EXPECT_LE(result.costs.passes, 200 / 10);
}

TEST(DeviceKCenterRun, OfNoRecordsIsEmpty) {
  KCenterOptions options;
  options.limits.records = 3;

  const auto result = k_center_on(make_host_accelerator().get(), world(), {Vectors({}, {}, 4)}, {}, options);

  EXPECT_TRUE(result.ids.empty());
  EXPECT_EQ(result.radius, 0);
}

TEST(DeviceKCenterMemory, TellsEveryRankThatRowsDoNotFit) {
  auto& comm = world();
  const Dataset data = normal_data(300, 12, 8, true);
  const Dataset part = part_of(data, comm.rank(), comm.size(), 0);
  KCenterOptions options;
  options.limits.records = 60;
  // Too little on the last rank alone.
  const bool is_last = comm.rank() == comm.size() - 1;
  const auto accelerator = is_last ? make_host_accelerator(1000) : make_host_accelerator();

  try {
    run_on(*accelerator, part, options);
    FAIL() << "1000 bytes were enough";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_NE(std::string(error.what()).find("bfloat16"), std::string::npos) << error.what();
  }
}

TEST(DeviceKCenterOptions, MustBePossible) {
  const Dataset data = part_of(normal_data(60, 4, 1, true), world().rank(), world().size(), 0);
  KCenterOptions options;
  options.limits.records = 3;
  options.device = Device::cuda;
  if (cuda_devices() > 0) options.gpu = cuda_devices();

  try {
    k_center(world(), data.candidates(), {}, options);
    FAIL() << "a GPU that is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
  }
}

}  // namespace
}  // namespace farpoint::select
