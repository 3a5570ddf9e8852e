// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "farpoint/corpus/convert.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/corpus/source.hpp"
#include "farpoint/pipeline/job.hpp"
#include "farpoint/pipeline/options.hpp"

namespace farpoint::pipeline {

template <>
struct Names<corpus::ExportFormat> {
  static constexpr std::array<std::string_view, 5> values{"jsonl", "alpaca", "sharegpt", "messages", "xtuner"};
};

}  // namespace farpoint::pipeline

namespace farpoint::jobs {

struct ExportTarget {
  corpus::ExportFormat format = corpus::ExportFormat::jsonl;
  std::filesystem::path path;
  std::optional<double> test_share;  ///< also split: NAME.train.EXT and NAME.test.EXT instead of `path`
  std::uint64_t seed = 0;            ///< of the split
};

/// Writes records in a training format, in the order in which they are given. Files appear when commit() is called.
class Exporter {
 public:
  /// `specs`: the sources of the configuration; they know the fields of records with a schema of their own.
  Exporter(ExportTarget target, std::vector<corpus::SourceSpec> specs);
  /// Records of the same text (`full` view; of a record that is only a vector: its JSON) always land on the same side
  /// of a split, whatever their other fields say.
  void write(std::string_view json, std::uint32_t source_index);
  /// All records that are left in the shard.
  void write(const pipeline::Shard& shard);
  void commit();
  std::uint64_t written() const { return written_; }

 private:
  corpus::ExportWriter& side_of(const corpus::Record& record, std::string_view json);

  ExportTarget target_;
  std::vector<corpus::SourceSpec> specs_;
  corpus::RecordParser parser_;
  std::vector<std::unique_ptr<corpus::ExportWriter>> files_;  ///< one, or train and test
  std::uint64_t written_ = 0;
};

/// Exports a subset file in its order. Throws Error naming it when it is not one.
std::uint64_t export_subset(const std::filesystem::path& subset, const ExportTarget& target,
                            const std::vector<corpus::SourceSpec>& specs);

}  // namespace farpoint::jobs
