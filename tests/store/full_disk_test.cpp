// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <numeric>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/store/shard_file.hpp"
#include "farpoint/store/table_file.hpp"
#include "store/samples.hpp"

namespace farpoint::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

using Write = std::function<void(const std::filesystem::path&)>;

std::vector<Column> large_columns() {
  auto columns = sample_columns();
  std::vector<std::uint64_t> numbers(30'000);
  std::iota(numbers.begin(), numbers.end(), 0);
  columns.push_back({"numbers", numbers, 0});
  columns.push_back({"rows", numbers, 10});
  Strings texts;
  for (const auto number : numbers) texts.push_back(fmt::format("record {}", number));
  columns.push_back({"texts", texts, 0});
  return columns;
}

void write_large_shard(const std::filesystem::path& path) {
  write_shard(path, sample_attributes(), large_columns());
}

void write_large_table(const std::filesystem::path& path) {
  TableWriter table(path);
  table.set("config", std::string(2000, 'c'));
  for (int block = 0; block < 3; ++block) {
    for (const auto& column : large_columns()) {
      if (column.name != "text.nul") table.append(column);
    }
  }
  table.commit();
}

/// Writes while no file may grow beyond `limit` bytes, in a process of its own, and ends it with exit(), so that HDF5
/// cleans up as at the end of a program. The exit code is 0 when writing failed as it must.
[[noreturn]] void write_with_limit(const Write& write, const std::filesystem::path& path, std::size_t limit) {
  const rlimit file_size{limit, limit};
  std::signal(SIGXFSZ, SIG_IGN);
  if (::setrlimit(RLIMIT_FSIZE, &file_size) != 0) std::exit(2);
  try {
    write(path);
  } catch (const Error& error) {
    const std::string message = error.what();
    const bool named =
        message.find(path.string()) != std::string::npos && message.find("too large") != std::string::npos;
    std::exit(named ? 0 : 3);
  }
  std::exit(4);
}

class FullDisk : public testing::TestWithParam<Write> {};

TEST_P(FullDisk, LeavesNothingWhereverWritingStops) {
  const TemporaryFolder folder;
  GetParam()(folder / "whole.h5");
  const auto size = static_cast<std::size_t>(std::filesystem::file_size(folder / "whole.h5"));
  std::filesystem::remove(folder / "whole.h5");

  std::vector<std::size_t> limits{0, 1, 100, 1000, 5000, size - 1};
  for (std::size_t part = 1; part < 7; ++part) limits.push_back(size * part / 7);
  for (const auto limit : limits) {
    EXPECT_EXIT(write_with_limit(GetParam(), folder / "file.h5", limit), testing::ExitedWithCode(0), "") << limit;
    EXPECT_TRUE(folder.content().empty()) << limit;
  }
}

TEST_P(FullDisk, SaysSo) {
  const TemporaryFolder folder;
  const auto path = folder / "file.h5";
  std::filesystem::create_symlink("/dev/full", temporary_name(path));  // a device on which every write finds no space

  EXPECT_THAT([&] { GetParam()(path); },
              ThrowsMessage<Error>(AllOf(HasSubstr(path.string()), HasSubstr("No space left on device"))));

  EXPECT_TRUE(folder.content().empty());
}

TEST_P(FullDisk, DoesNotHinderTheNextFile) {
  const TemporaryFolder folder;
  const auto path = folder / "file.h5";
  std::filesystem::create_symlink("/dev/full", temporary_name(path));
  EXPECT_THROW(GetParam()(path), Error);

  EXPECT_NO_THROW(GetParam()(path));

  EXPECT_EQ(folder.content(), std::vector<std::string>{"file.h5"});
}

INSTANTIATE_TEST_SUITE_P(Writers, FullDisk, testing::Values(Write(write_large_shard), Write(write_large_table)),
                         [](const auto& test) { return test.index == 0 ? "Shard" : "Table"; });

}  // namespace
}  // namespace farpoint::store
