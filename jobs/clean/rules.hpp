// SPDX-License-Identifier: Apache-2.0
// jobs/clean/rules.hpp: for what records are refused.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/clean/pattern_set.hpp"
#include "farpoint/clean/text_statistics.hpp"
#include "farpoint/corpus/record.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// What is known of one record when it is judged, after its texts have been changed.
struct Evidence {
  const corpus::Record& record;
  std::string_view full;  ///< the view of all turns
  const clean::TextStatistics& statistics;
  std::uint64_t tokens = 0;  ///< only where tokens count
  double spelling = 0;       ///< NaN where it is not known
  double coherence = 0;      ///< the same
};

/// Why a record is refused: the reason as counters name it, and what was found.
struct Refusal {
  std::string reason;
  std::string detail;
};

/// The rules of the options that remove records, cheap ones first. Thread-safe.
class RemovalRules {
 public:
  /// `blocked` may be null.
  RemovalRules(const CleanOptions& options, std::shared_ptr<const clean::PatternSet> blocked);

  bool empty() const { return rules_.empty(); }
  /// The first rule that refuses the record, if any does.
  std::optional<Refusal> refuse(const Evidence& evidence) const;

 private:
  using Rule = std::function<std::optional<Refusal>(const Evidence&)>;
  template <typename T>
  void add_limit(const char* reason, const std::optional<T>& limit, bool is_maximum, const char* what,
                 std::function<T(const Evidence&)> measure);
  void add_lengths(const CleanOptions& options);
  void add_shares(const CleanOptions& options);
  void add_prose(const CleanOptions& options);
  void add_exchange(const CleanOptions& options);
  void add_repetition(const RepetitionLimits& limits);
  void add_language(const CleanOptions& options);

  std::vector<Rule> rules_;
};

}  // namespace farpoint::jobs
