// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "farpoint/corpus/record.hpp"

namespace farpoint::corpus {

enum class ExportFormat { jsonl, alpaca, sharegpt, messages, xtuner };

/// The record as one line of JSON in `format`. When the record already has that schema (jsonl: always) every field of
/// `json`, its original text, is kept. Multi-turn records become Alpaca with `system` and `history`; tool turns keep
/// their count, role, name and arguments (docs/formats.md, "Exports").
/// `json` must be JSON that a RecordParser accepted as `record`. Throws Error when the record has no text to write
/// (vectors only; format jsonl takes any).
std::string convert(const Record& record, std::string_view json, ExportFormat format);

/// The turns as a JSON list of OpenAI messages, [{"role", "content"}, ...]: what chat templates take.
std::string chat_messages(std::span<const Turn> turns);

/// Writes converted records to a file that gets its name with commit(), without which nothing is left: lines, or a JSON
/// array when the name ends in `.json`. All functions throw Error naming the file for what the disk refuses.
class ExportWriter {
 public:
  /// Throws UsageError when the name ends in .gz or .zst: what is written is plain text. `named_as` is the name that
  /// counts, where the file gets another one for now.
  ExportWriter(const std::filesystem::path& path, const std::filesystem::path& named_as);
  explicit ExportWriter(const std::filesystem::path& path) : ExportWriter(path, path) {}
  ~ExportWriter();
  /// `line`: one JSON value without a newline.
  void write(std::string_view line);
  void commit();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::corpus
