// SPDX-License-Identifier: Apache-2.0
// jobs/dedup/answers.hpp: what was found out about the records, between the search and the shards that are made of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "duplicates.hpp"
#include "farpoint/dedup/repeated_spans.hpp"

namespace farpoint::jobs {

/// What was found out about the records of one shard, in order of id.
struct Answers {
  std::vector<std::uint64_t> ids;
  std::vector<std::uint64_t> kept;
  std::vector<DuplicateBy> by;
  std::vector<dedup::RepeatedSpan> spans;  ///< ascending by record, part and place

  void add(const Duplicates& found, std::size_t row);
};

/// The files of answers in a job's folder, one a shard, so that a run which is killed while shards are made need not
/// search again.
class AnswerFiles {
 public:
  /// `key`: the fingerprint of everything that answers depend on; files of another one are refused.
  AnswerFiles(std::filesystem::path folder, std::string key) : folder_(std::move(folder)), key_(std::move(key)) {}

  /// Writes one file for each shard of this rank that has records. `found` and `spans` are in order of id.
  void write(const Duplicates& found, const std::vector<dedup::RepeatedSpan>& spans, std::uint64_t shard_records) const;
  /// Throws UsageError that says what to do when the file is gone or another one.
  Answers read(std::uint64_t shard) const;

 private:
  std::filesystem::path file(std::uint64_t shard) const;

  std::filesystem::path folder_;
  std::string key_;
};

}  // namespace farpoint::jobs
