// SPDX-License-Identifier: Apache-2.0
#include "schemas.hpp"

#include <string>
#include <utility>

namespace farpoint::corpus {

namespace {

using simdjson::dom::element;

/// First match wins: what says most comes first, so that e.g. the ready-made `text` beside an instruction is passed
/// over.
std::optional<Schema> recognise(const Fields& fields) {
  const auto has = [&](Key key) { return fields.has(key); };
  const bool answered = has(Key::output) || has(Key::response);
  if (has(Key::messages)) return Schema::messages;
  if (has(Key::conversations)) return Schema::sharegpt;
  if (has(Key::conversation)) return Schema::xtuner;
  if (has(Key::question) && has(Key::options)) return Schema::multiple_choice;
  if (has(Key::instruction) || (has(Key::input) && answered)) return Schema::alpaca;
  if (has(Key::prompt) || has(Key::completion)) return Schema::prompt_completion;
  if (has(Key::question) || has(Key::answer)) return Schema::question_answer;
  if (has(Key::text)) return Schema::text;
  if (has(Key::input) || answered) return Schema::alpaca;
  return std::nullopt;
}

void append_line(std::string& lines, std::string_view line) {
  if (line.empty()) return;
  if (!lines.empty()) lines += '\n';
  lines += line;
}

/// The first key that the record has; where it has neither, `second`, which then reads as empty.
Key either(const Fields& fields, Key first, Key second) {
  return fields.has(first) ? first : second;
}

void read_past_exchange(element exchange, TurnBuilder& builder) {
  simdjson::dom::array sides;
  if (exchange.get(sides) != simdjson::SUCCESS || sides.size() != 2) return builder.reject();
  auto side = sides.begin();
  builder.say(Role::user, std::string(builder.text(*side)));
  builder.say(Role::assistant, std::string(builder.text(*++side)));
}

void read_alpaca(const Fields& fields, TurnBuilder& builder) {
  builder.say(Role::system, builder.text(fields, Key::system));
  builder.each(fields, Key::history, [&](element exchange) { read_past_exchange(exchange, builder); });
  std::string prompt = builder.text(fields, Key::instruction);
  if (fields.has(Key::input)) append_line(prompt, builder.text(fields.at(Key::input)));
  builder.say(Role::user, std::move(prompt));
  builder.say(Role::assistant, builder.text(fields, either(fields, Key::output, Key::response)));
}

void read_pair(const Fields& fields, Key question, Key answer, TurnBuilder& builder) {
  builder.say(Role::user, builder.text(fields, question));
  builder.say(Role::assistant, builder.text(fields, answer));
}

std::string read_label(const Fields& fields, TurnBuilder& builder) {
  if (!fields.has(Key::label)) return builder.text(fields, Key::answer);
  std::int64_t index = 0;
  if (fields.at(Key::label).get(index) == simdjson::SUCCESS) return std::to_string(index);
  return builder.text(fields, Key::label);
}

void read_multiple_choice(const Fields& fields, TurnBuilder& builder) {
  MultipleChoice choice;
  choice.passage = builder.text(fields, Key::passage);
  choice.question = builder.text(fields, Key::question);
  builder.each(fields, Key::options, [&](element option) { choice.options.emplace_back(builder.text(option)); });
  choice.label = read_label(fields, builder);

  std::string prompt;
  append_line(prompt, choice.passage);
  append_line(prompt, choice.question);
  for (const std::string& option : choice.options) append_line(prompt, option);
  builder.say(Role::user, std::move(prompt));
  const auto answer = labelled_option(choice);
  const bool has_text = answer && !choice.options[*answer].empty();
  builder.say(Role::assistant, has_text ? choice.options[*answer] : choice.label);
  builder.record().choice = std::move(choice);
}

/// Text of the key that the mapping gives to `name`; of duplicates the last.
std::string mapped_text(simdjson::dom::object object, const FieldMap& mapping, const char* name, TurnBuilder& builder) {
  const auto wanted = mapping.find(name);
  if (wanted == mapping.end()) return {};
  std::optional<element> last;
  for (const auto [key, value] : object) {
    if (key == wanted->second) last = value;
  }
  return last ? std::string(builder.text(*last)) : std::string();
}

void read_mapped(simdjson::dom::object object, const FieldMap& mapping, TurnBuilder& builder) {
  builder.say(Role::system, mapped_text(object, mapping, "system", builder));
  builder.say(Role::user, mapped_text(object, mapping, "text", builder));
  builder.say(Role::user, mapped_text(object, mapping, "prompt", builder));
  builder.say(Role::assistant, mapped_text(object, mapping, "response", builder));
}

/// `tools` as JSON text: ShareGPT keeps it as a string, OpenAI as a list.
void read_tools(const Fields& fields, TurnBuilder& builder) {
  if (!fields.has(Key::tools)) return;
  const element tools = fields.at(Key::tools);
  builder.record().tools = tools.is_array() ? simdjson::minify(tools) : std::string(builder.text(tools));
}

void read_schema(const Fields& fields, TurnBuilder& builder) {
  switch (builder.record().schema) {
    case Schema::alpaca:
      read_tools(fields, builder);
      return read_alpaca(fields, builder);
    case Schema::messages:
      read_tools(fields, builder);
      return read_messages(fields, builder);
    case Schema::sharegpt:
      read_tools(fields, builder);
      return read_sharegpt(fields, builder);
    case Schema::xtuner:
      return read_xtuner(fields, builder);
    case Schema::multiple_choice:
      return read_multiple_choice(fields, builder);
    case Schema::prompt_completion:
      return read_pair(fields, Key::prompt, either(fields, Key::completion, Key::response), builder);
    case Schema::question_answer:
      return read_pair(fields, Key::question, Key::answer, builder);
    case Schema::text:
      return builder.say(Role::user, builder.text(fields, Key::text));
    case Schema::mapped:
    case Schema::vectors:
      return;
  }
}

std::optional<Record> take(TurnBuilder& builder) {
  if (builder.wrong_kind()) return std::nullopt;
  return std::move(builder.record());
}

}  // namespace

std::optional<Record> read_record(simdjson::dom::object object, const FieldMap& mapping) {
  if (!mapping.empty()) {
    TurnBuilder builder(Schema::mapped);
    read_mapped(object, mapping, builder);
    return take(builder);
  }
  const Fields fields(object);
  const auto schema = recognise(fields);
  if (!schema) return Record();
  TurnBuilder builder(*schema);
  read_schema(fields, builder);
  return take(builder);
}

}  // namespace farpoint::corpus
