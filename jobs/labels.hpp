// SPDX-License-Identifier: Apache-2.0
// jobs/labels.hpp: what quotas and budgets count, and folds, splits and reports go by: a record's label and its tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "farpoint/comm/communicator.hpp"
#include "farpoint/pipeline/job.hpp"

namespace farpoint::jobs {

/// True for labels that the records bring themselves: "source", and "record.KEY".
bool is_label_of_records(const std::string& by);

/// The label of one record, whose JSON text it is, by "record.KEY".
std::string label_of(std::string_view record, const std::string& by);

/// The column that `token_column` names: with ".tokens" behind it, or itself; empty when there is none.
std::string column_of_tokens(const std::string& name, const std::vector<pipeline::ColumnSpec>& columns);

/// The label of each of the shard's records, as text: the source's name, a column's number ("3", "0.5", "nan"), or the
/// value of a key of the record (texts as they are, other values as JSON, "" where the key is missing).
std::vector<std::string> labels_of(const pipeline::Shard& shard, const std::string& by);

/// The number of tokens of each of the shard's records: of the column, rounded up (NaN stays), or white-space words of
/// the full text when `column` is empty.
std::vector<double> tokens_of(const pipeline::Shard& shard, const std::string& column);

/// Unicode code points of each record's full text.
std::vector<double> lengths_of(const pipeline::Shard& shard);

/// Numbers for names as they come, and then for the names of all ranks.
class NameNumbers {
 public:
  /// This rank's number of the name.
  std::uint32_t of(const std::string& name);
  /// All ranks' names in their order; `numbers` of this rank become places in that list. Collective.
  std::vector<std::string> agree(comm::Communicator& comm, std::vector<std::uint32_t>& numbers) const;

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> names_;
};

}  // namespace farpoint::jobs
