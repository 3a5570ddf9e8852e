// SPDX-License-Identifier: Apache-2.0
// Alpaca and XTuner: formats that are a sequence of exchanges, one question and one answer each.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "export_formats.hpp"

namespace farpoint::corpus {

namespace {

using nlohmann::ordered_json;

struct Exchange {
  std::string asked;
  std::string answered;
};

struct Dialogue {
  std::string system;
  std::vector<Exchange> exchanges;  ///< never empty
};

void append_line(std::string& lines, std::string_view line) {
  if (!lines.empty() && !line.empty()) lines += '\n';
  lines += line;
}

/// An exchange has no place for tools: calls and their results stand as text, in the tags that chat models know.
std::string as_text(const Turn& turn) {
  if (turn.role == Role::tool_call) return fmt::format("<tool_call>{}</tool_call>", turn.text);
  if (turn.role != Role::tool) return turn.text;
  const ordered_json named = {{"name", turn.name}, {"content", turn.text}};
  return fmt::format("<tool_response>{}</tool_response>", turn.name.empty() ? turn.text : named.dump());
}

/// Neighbouring turns of one side are joined by a newline. A system turn after the first question is part of what is
/// asked.
Dialogue exchanges(const Record& record) {
  Dialogue dialogue;
  std::vector<Exchange>& all = dialogue.exchanges;
  bool answering = true;
  for (const Turn& turn : record.turns) {
    if (turn.role == Role::system && all.empty()) {
      append_line(dialogue.system, turn.text);
      continue;
    }
    const bool answers = turn.role == Role::assistant || turn.role == Role::tool_call;
    if (all.empty() || (answering && !answers)) all.emplace_back();
    append_line(answers ? all.back().answered : all.back().asked, as_text(turn));
    answering = answers;
  }
  if (all.empty()) all.emplace_back();
  return dialogue;
}

}  // namespace

ordered_json to_alpaca(const Record& record) {
  const Dialogue dialogue = exchanges(record);
  const Exchange& last = dialogue.exchanges.back();
  ordered_json out = {{"instruction", last.asked}, {"input", ""}, {"output", last.answered}};
  if (!dialogue.system.empty()) out["system"] = dialogue.system;
  for (std::size_t i = 0; i + 1 < dialogue.exchanges.size(); ++i) {
    const Exchange& past = dialogue.exchanges[i];
    out["history"].push_back(ordered_json::array({past.asked, past.answered}));
  }
  if (!record.tools.empty()) out["tools"] = record.tools;
  return out;
}

ordered_json to_xtuner(const Record& record) {
  const Dialogue dialogue = exchanges(record);
  ordered_json conversation = ordered_json::array();
  for (const Exchange& exchange : dialogue.exchanges) {
    ordered_json written = ordered_json::object();
    if (conversation.empty() && !dialogue.system.empty()) written["system"] = dialogue.system;
    written["input"] = exchange.asked;
    written["output"] = exchange.answered;
    conversation.push_back(std::move(written));
  }
  return {{"conversation", std::move(conversation)}};
}

}  // namespace farpoint::corpus
