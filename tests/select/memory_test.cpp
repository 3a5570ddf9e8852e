// SPDX-License-Identifier: Apache-2.0
// What k_center() says that it needs, against what it takes.
#include <gtest/gtest.h>
#include <malloc.h>

#include <fstream>
#include <string>

#include "datasets.hpp"
#include "farpoint/comm/local.hpp"

namespace farpoint::select {
namespace {

/// A line of /proc/self/status in bytes: "VmRSS:", "VmHWM:".
std::uint64_t status(const std::string& key) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    std::uint64_t kibibytes = 0;
    if (word == key && file >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

/// The peak is that of the process; this sets it back to what is in use now. A sanitizer keeps what is freed.
bool reset_peak() {
#if defined(__SANITIZE_ADDRESS__) || defined(FARPOINT_SANITIZE_THREAD)
  return false;
#endif
  malloc_trim(0);
  std::ofstream file("/proc/self/clear_refs");
  file << "5" << std::flush;
  return static_cast<bool>(file);
}

struct Shape {
  const char* name;
  std::size_t rows, dimension, picks, curated;
};

class KCenterMemory : public testing::TestWithParam<Shape> {};

TEST_P(KCenterMemory, IsBoundedByItsFormula) {
  const auto& shape = GetParam();
  const Dataset data = normal_data(shape.rows, shape.dimension, 1, true);
  const Dataset curated = normal_data(shape.curated, shape.dimension, 2, true);
  KCenterOptions options;
  options.limits.records = 1;
  const auto comm = comm::make_local();
  // The first call loads the BLAS library.
  k_center(*comm, {Vectors(std::span(data.rows).first(shape.dimension), std::span(data.ids).first(1), shape.dimension)},
           {}, options);
  options.limits.records = shape.picks;
  if (!reset_peak()) GTEST_SKIP() << "this system does not measure it";

  const auto before = status("VmRSS:");
  const auto result = k_center(*comm, data.candidates(), curated.rows, options);
  const auto growth = status("VmHWM:") - before;

  EXPECT_EQ(result.ids.size(), shape.picks);
  const auto formula = k_center_memory(shape.rows, shape.dimension, shape.picks, shape.curated, options.pool_size);
  EXPECT_LE(growth, formula);
  EXPECT_GE(3 * growth, formula) << growth;
}

INSTANTIATE_TEST_SUITE_P(Shapes, KCenterMemory,
                         testing::Values(Shape{"Rows", 600000, 4, 20, 0}, Shape{"Centres", 6000, 2048, 5000, 0},
                                         Shape{"Curated", 300, 2048, 10, 6000}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace farpoint::select
