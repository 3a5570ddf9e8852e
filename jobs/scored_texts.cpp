// SPDX-License-Identifier: Apache-2.0
#include "scored_texts.hpp"

#include <span>

#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/corpus/convert.hpp"

namespace farpoint::jobs {

namespace {

using corpus::TextView;

/// Records that a thread renders at a time.
constexpr std::size_t block_records = 16;

/// The messages of a record, as templates take them.
struct Messages {
  std::string all;
  std::string before_answer;  // this and the next two are empty where there is no answer
  std::string with_answer;
  std::string answer;  // its text
};

struct Rendered {
  std::string whole;
  std::string context;
  std::string response;
  std::string refusal;  // empty: none
};

Messages messages_of(const corpus::Record& record, const TextChoice& choice) {
  Messages messages;
  const std::span<const corpus::Turn> turns = record.turns;
  if (choice.whole) messages.all = corpus::chat_messages(turns);
  const auto answer = corpus::answer_place(turns);
  if (!choice.responses || answer == turns.size()) return messages;
  messages.before_answer = corpus::chat_messages(turns.first(answer));
  messages.with_answer = corpus::chat_messages(turns.first(answer + 1));
  messages.answer = turns[answer].text;
  return messages;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white_space = " \t\r\n";
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) + 1 - first);
}

/// Where the response begins in `conversation`, which ends with it: behind `context`. Where that is not how the
/// conversation begins (templates put the system's message into the last one of the user, say), at the answer's text.
std::size_t response_place(std::string_view conversation, std::string_view context, std::string_view answer) {
  if (conversation.starts_with(context)) return context.size();
  const auto text = trimmed(answer);
  return text.empty() ? std::string_view::npos : conversation.rfind(text);
}

Rendered render(const Messages& messages, const tokenizer::ChatTemplate& chat) {
  Rendered text;
  try {
    if (!messages.all.empty()) text.whole = chat.render(messages.all);
    if (messages.with_answer.empty()) return text;
    text.context = chat.render(messages.before_answer, true);
    text.response = chat.render(messages.with_answer);
  } catch (const Error& error) {
    return {"", "", "", error.what()};
  }
  const auto place = response_place(text.response, text.context, messages.answer);
  if (place == std::string::npos) {
    return {"", "", "", chat.origin() + ": the answer is not in the text that the template writes"};
  }
  text.response.erase(0, place);
  return text;
}

ScoredTexts chat_texts(const pipeline::Shard& shard, const TextChoice& choice) {
  std::vector<Messages> messages;
  shard.for_each_record(
      [&](std::size_t, const corpus::Record& record) { messages.push_back(messages_of(record, choice)); });
  std::vector<Rendered> rendered(messages.size());
  parallel_for(messages.size(), block_records, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) rendered[i] = render(messages[i], *choice.chat);
  });
  ScoredTexts texts;
  for (std::size_t i = 0; i < rendered.size(); ++i) {
    if (choice.whole) texts.whole.push_back(rendered[i].whole);
    if (choice.responses) {
      texts.contexts.push_back(rendered[i].context);
      texts.responses.push_back(rendered[i].response);
    }
    if (rendered[i].refusal.empty()) continue;
    if (texts.refused.empty()) texts.refusal = rendered[i].refusal;
    texts.refused.push_back(static_cast<std::uint32_t>(i));
  }
  return texts;
}

}  // namespace

ScoredTexts scored_texts(const pipeline::Shard& shard, const TextChoice& choice) {
  if (choice.chat != nullptr) return chat_texts(shard, choice);
  ScoredTexts texts;
  shard.for_each_record([&](std::size_t, const corpus::Record& record) {
    if (choice.whole) texts.whole.push_back(corpus::view(record, choice.view));
    if (!choice.responses) return;
    texts.contexts.push_back(corpus::view(record, TextView::prompt) + "\n");
    texts.responses.push_back(corpus::view(record, TextView::response));
  });
  return texts;
}

}  // namespace farpoint::jobs
