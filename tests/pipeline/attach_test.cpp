// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <vector>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/pipeline/config.hpp"
#include "farpoint/pipeline/job.hpp"
#include "npy_rows.hpp"
#include "temporary_folder.hpp"

namespace farpoint::jobs {

pipeline::JobType attach_job();

}  // namespace farpoint::jobs

namespace farpoint::pipeline {
namespace {

/// A shard of which nothing but the ids is known.
class Ids final : public Shard {
 public:
  explicit Ids(std::vector<std::uint64_t> ids) : ids_(std::move(ids)) {}
  Population population() const override { return Population::pool; }
  std::span<const std::uint64_t> ids() const override { return ids_; }
  const store::Column& column(const std::string&) const override { throw std::logic_error("no column"); }
  ColumnPlace place_of(const std::string&) const override { throw std::logic_error("no column"); }
  const store::Strings& records() const override { throw std::logic_error("no records"); }
  std::span<const std::uint32_t> sources() const override { throw std::logic_error("no sources"); }
  store::Strings source_names() const override { throw std::logic_error("no sources"); }
  std::span<const std::uint64_t> lines() const override { throw std::logic_error("no lines"); }
  store::Strings texts(corpus::TextView) const override { throw std::logic_error("no texts"); }
  void for_records(std::span<const std::size_t>,
                   const std::function<void(std::size_t, const corpus::Record&)>&) const override {
    throw std::logic_error("no records");
  }
  void for_each_record(const std::function<void(std::size_t, const corpus::Record&)>&) const override {
    throw std::logic_error("no records");
  }

 private:
  std::vector<std::uint64_t> ids_;
};

TEST(Attach, ReadsTheRowsOfEachShardFromTheFileThatItOpenedFirst) {
  const TemporaryFolder folder;
  write_file(folder / "rows.npy", npy_rows(8));
  Config config;
  config.folder = folder.path();
  JobSetup setup;
  setup.config = &config;
  const auto job = jobs::attach_job().make(parse_yaml("{as: emb, path: rows.npy}", "c.yaml"), setup);
  const auto& attach = dynamic_cast<const ShardJob&>(*job);
  const auto rows = [&](std::vector<std::uint64_t> ids) {
    return attach.process(Ids(std::move(ids))).columns.at(0).as<std::vector<float>>();
  };

  EXPECT_EQ(rows({1, 3}), (std::vector<float>{2, 3, 6, 7}));
  // Opened anew for each shard, compressed data would be decompressed from the start each time.
  std::filesystem::remove(folder / "rows.npy");
  EXPECT_EQ(rows({6}), (std::vector<float>{12, 13}));
  EXPECT_EQ(rows({0, 1}), (std::vector<float>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace farpoint::pipeline
