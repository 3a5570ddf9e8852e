// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "farpoint/corpus/source.hpp"

namespace farpoint::corpus {

enum class Role : std::uint8_t { system, user, assistant, tool_call, tool };

/// One thing that was said. A tool call holds its JSON ({"name": ..., "arguments": ...}) as text.
struct Turn {
  Role role = Role::user;
  std::string text;
  std::string name;     ///< of the tool, where the record says it
  std::string call_id;  ///< OpenAI: which call an answer belongs to
};

/// The schema by which a record was recognised; what it is exported to unchanged.
enum class Schema : std::uint8_t {
  alpaca,
  prompt_completion,
  question_answer,
  sharegpt,
  messages,
  xtuner,
  text,
  multiple_choice,
  mapped,
  vectors
};

struct MultipleChoice {
  std::string passage;  ///< may be empty
  std::string question;
  std::vector<std::string> options;
  std::string label;  ///< as the record has it: a letter, an index as text, or an option's text; may be empty
};

/// The option that the label names: a letter from A, else an index from 0, else an option's own text.
std::optional<std::size_t> labelled_option(const MultipleChoice& choice);

/// One model for every kind of record; docs/formats.md, "Records", says how each schema becomes turns.
struct Record {
  Schema schema = Schema::text;
  std::vector<Turn> turns;               ///< of a multiple-choice record too: the question as asked, and the answer
  std::optional<MultipleChoice> choice;  ///< the parts of a multiple-choice question
  std::string tools;                     ///< the tools on offer, as JSON text; empty when the record names none
};

/// Which text of a record a job reads. Turns without text are passed over.
/// prompt:       what comes before the last answer, turns joined by a newline; without an answer, all turns
/// response:     the last answer: the last assistant turn, or the last tool call where no assistant turn exists
/// full:         all turns, joined by a newline
/// conversation: all turns, each after its role and ": ", joined by a newline
enum class TextView : std::uint8_t { prompt, response, full, conversation };

std::string view(const Record& record, TextView which);
/// The same behind what `out` holds.
void append_view(const Record& record, TextView which, std::string& out);
/// Place of the turn that is the response; the number of turns when there is none.
std::size_t answer_place(std::span<const Turn> turns);
std::string_view role_name(Role role);

/// Why a record cannot be used; the names stand in rejects.jsonl.
enum class Fault : std::uint8_t { bad_json, bad_utf8, no_text, too_large };
std::string_view fault_name(Fault fault);

/// Recognises and reads records. One a thread; keeps its buffers between calls.
class RecordParser {
 public:
  RecordParser();
  ~RecordParser();
  RecordParser(RecordParser&&) noexcept;

  /// `json` is one JSON object. `fields` that are set replace the usual keys.
  /// bad_utf8: not UTF-8. bad_json: not one JSON object, a bare NaN, a lone surrogate, a number that fits neither 64
  /// bits nor a double, nested deeper than 1,024, an unknown role, or a value of the wrong type where text or a list of
  /// turns belongs. no_text: no known schema, or all its texts empty (or white space). too_large: 4 GiB or more, which
  /// no reader hands out. Of duplicate keys the last counts; null counts as absent. `capacity` says how many bytes from
  /// `json.data()` on are readable: with 64 behind the text it is read in place, else it is copied first.
  std::variant<Record, Fault> parse(std::string_view json, const FieldMap& fields = {}, std::size_t capacity = 0);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// A line of plain text as the JSON text of a record: {"text": "..."}. `line` must be valid UTF-8.
std::string text_record(std::string_view line);
bool is_valid_utf8(std::string_view bytes);

}  // namespace farpoint::corpus
