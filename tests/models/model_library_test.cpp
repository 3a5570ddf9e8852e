// SPDX-License-Identifier: Apache-2.0
// libtorch comes with the first model, not with the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "farpoint/base/error.hpp"
#include "farpoint/models/embedder.hpp"
#include "farpoint/models/execution.hpp"
#include "farpoint/models/library.hpp"
#include "golden_models.hpp"

namespace farpoint::models {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* variable = "FARPOINT_TORCH_LIBRARY";

std::string loaded_libraries() {
  std::ifstream maps("/proc/self/maps");
  return {std::istreambuf_iterator<char>(maps), {}};
}

GoldenModel any_encoder() {
  return golden_models("embed").front();
}

/// The message with which a model is refused when the library is to be `file`.
std::string refusal(const std::string& file) {
  setenv(variable, file.c_str(), 1);
  std::string message;
  try {
    const Embedder model(any_encoder().folder, {});
  } catch (const Error& error) {
    message = error.what();
  }
  unsetenv(variable);
  return message;
}

// One test, as what is loaded stays.
TEST(ModelLibrary, IsLoadedWithTheFirstModelFromWhereItShouldBe) {
  EXPECT_THAT(loaded_libraries(), Not(HasSubstr("libtorch"))) << "linked to the program";
  EXPECT_THAT(library_version(), HasSubstr("libtorch 2."));
  EXPECT_EQ(describe({Device::cpu}), "cpu, fp32");
  EXPECT_THAT(loaded_libraries(), Not(HasSubstr("libtorch"))) << "loaded to answer what needs no model";

  EXPECT_THAT(refusal("/nowhere/libfarpoint_torch.so"),
              AllOf(HasSubstr("/nowhere/libfarpoint_torch.so"), HasSubstr("No such file"), HasSubstr(variable)));
  EXPECT_THAT(refusal("libm.so.6"), AllOf(HasSubstr("libm.so.6"), HasSubstr("farpoint_model_library")));

  // After that it is still found; by several threads at once it is loaded once.
  const auto make = [] { EXPECT_GT(Embedder(any_encoder().folder, {}).dimension(), 0); };
  std::thread other(make);
  make();
  other.join();
  EXPECT_THAT(loaded_libraries(), AllOf(HasSubstr("libfarpoint_torch.so"), HasSubstr("libtorch_cpu.so")));
}

TEST(ModelLibrary, ThrowsErrorsThatTheProgramCatches) {
  EXPECT_THROW(Embedder("/nowhere", {}), UsageError);
}

}  // namespace
}  // namespace farpoint::models
