// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "farpoint/corpus/record.hpp"

namespace farpoint::corpus {

/// One text of a record as it lies in its JSON: the value of one key, not yet joined with others to a turn.
struct TextPart {
  std::size_t number = 0;  ///< counts from 0 in the order of the JSON text
  Role role = Role::user;  ///< of the turn that it belongs to
  std::string_view text;   ///< valid during the call
};

/// The texts inside records, where they can be changed: every string from which any view is made (the keys of all
/// schemas, not only of the one by which the record is recognised, so that nothing which was taken out of one key stays
/// in another), and the arguments of tool calls where they are strings. With a field map, the fields that it names, and
/// what stands in lists of turns. Names, ids, descriptions of tools and unknown keys are no texts. One a thread; keeps
/// its buffers between calls.
class RecordTexts {
 public:
  RecordTexts();
  ~RecordTexts();
  RecordTexts(RecordTexts&&) noexcept;

  /// `json`: a text that a RecordParser accepts with the same `fields`. Throws Error when it is none.
  void visit(std::string_view json, const FieldMap& fields, const std::function<void(const TextPart&)>& visit);

  /// The same record with changed texts; everything else stays as it is, byte for byte. `change` writes the new text
  /// to `out`, which comes empty, and returns true, or returns false to leave the text as it is. Nothing when it always
  /// did. Of a key that occurs twice each value is a text.
  std::optional<std::string> rewrite(std::string_view json, const FieldMap& fields,
                                     const std::function<bool(const TextPart&, std::string& out)>& change);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::corpus
