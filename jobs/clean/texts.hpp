// SPDX-License-Identifier: Apache-2.0
// jobs/clean/texts.hpp: what cleaning changes in the texts of a record.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "farpoint/clean/personal_data.hpp"
#include "farpoint/corpus/record_texts.hpp"
#include "options.hpp"

namespace farpoint::jobs {

/// Rules that change texts, in the order in which they act.
enum class Change : std::uint8_t { html, unicode, lines, white_space, pii };
constexpr std::array<std::string_view, 5> change_names{"html", "unicode", "c4.drop_lines", "white_space", "pii"};

/// What was done to one record.
struct ChangesMade {
  std::array<bool, change_names.size()> by{};
  clean::PersonalDataCounts masked{};
};

/// Changes texts by the rules of the options. Thread-safe.
class TextChanges {
 public:
  explicit TextChanges(const CleanOptions& options);

  /// The record with its texts changed; nothing when all stay. Calls of tools keep their JSON: only personal data are
  /// masked in them, where they stay JSON. `texts` is the thread's own.
  std::optional<std::string> apply(corpus::RecordTexts& texts, std::string_view json, const corpus::FieldMap& fields,
                                   ChangesMade& made) const;

 private:
  bool change(const corpus::TextPart& part, std::string& out, ChangesMade& made) const;

  Html html_;
  UnicodeForm unicode_;
  WhiteSpace white_space_;
  bool drop_lines_;
  std::optional<clean::PersonalDataMask> mask_;
};

/// "2 <EMAIL>, 1 <PHONE>"
std::string masked_counts(const clean::PersonalDataCounts& masked);

}  // namespace farpoint::jobs
