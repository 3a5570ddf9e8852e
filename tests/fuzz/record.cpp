// SPDX-License-Identifier: Apache-2.0
// The input is the JSON text of one record; where a field map stands before it, behind a line "prompt response".
#include <variant>

#include "farpoint/corpus/convert.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/corpus/record_texts.hpp"
#include "farpoint/corpus/shape.hpp"
#include "fuzz/fuzz.hpp"

using namespace farpoint;
using namespace farpoint::corpus;

namespace {

FieldMap fields_of(std::string_view& input) {
  if (!input.starts_with('@')) return {};
  const auto line = input.substr(1, input.find('\n') - 1);
  input.remove_prefix(std::min(line.size() + 2, input.size()));
  const auto space = std::min(line.find(' '), line.size());
  FieldMap fields;
  fields["prompt"] = line.substr(0, space);
  fields["response"] = line.substr(std::min(space + 1, line.size()));
  return fields;
}

std::string_view without_white_space(std::string_view json) {
  const auto begin = json.find_first_not_of(" \t\r\n");
  return json.substr(begin, json.find_last_not_of(" \t\r\n") - begin + 1);
}

void look_at(const Record& record) {
  for (const auto which : {TextView::prompt, TextView::response, TextView::full, TextView::conversation}) {
    fuzz::require(is_valid_utf8(view(record, which)), "a view is not UTF-8");
  }
  fuzz::require(answer_place(record.turns) <= record.turns.size(), "an answer is behind the turns");
  fuzz::require(is_valid_utf8(chat_messages(record.turns)), "messages are not UTF-8");
  if (record.choice) labelled_option(*record.choice);
}

/// Texts that are rewritten to themselves make a record with the same texts.
void rewrite(RecordParser& parser, const Record& record, std::string_view json, const FieldMap& fields) {
  RecordTexts texts;
  std::size_t count = 0;
  texts.visit(json, fields, [&](const TextPart& part) { count += part.number == count ? 1 : 0; });
  const auto same = texts.rewrite(json, fields, [&](const TextPart& part, std::string& out) {
    out = part.text;
    return true;
  });
  fuzz::require(same.has_value() == (count > 0), "texts were rewritten that there are not");
  if (!same) return;
  const auto again = parser.parse(*same, fields);
  fuzz::require(std::holds_alternative<Record>(again), "a rewritten record is none");
  fuzz::require(view(std::get<Record>(again), TextView::conversation) == view(record, TextView::conversation),
                "a rewritten record has another text");
}

void export_to_all(RecordParser& parser, const Record& record, std::string_view json) {
  for (const auto format : {ExportFormat::jsonl, ExportFormat::alpaca, ExportFormat::sharegpt, ExportFormat::messages,
                            ExportFormat::xtuner}) {
    fuzz::expect_read_or_refused([&] {
      const auto line = convert(record, json, format);
      fuzz::require(line.find('\n') == line.npos, "an exported record has several lines");
      if (format == ExportFormat::jsonl) return;
      const auto again = parser.parse(line);
      const auto* fault = std::get_if<Fault>(&again);
      fuzz::require(fault == nullptr || *fault == Fault::no_text, "an exported record cannot be read");
    });
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto json = fuzz::text_of(data, size);
  const auto fields = fields_of(json);
  static RecordParser parser;
  fuzz::expect_read_or_refused([&] {
    const auto parsed = parser.parse(json, fields);
    const auto* record = std::get_if<Record>(&parsed);
    if (record == nullptr) return;
    look_at(*record);
    rewrite(parser, *record, json, fields);
    export_to_all(parser, *record, json);
    ShapeFinder finder;
    finder.add(without_white_space(json));
    finder.finish().mixed_paths();
  });
  return 0;
}
