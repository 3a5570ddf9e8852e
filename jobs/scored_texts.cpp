// SPDX-License-Identifier: Apache-2.0
#include "scored_texts.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/corpus/convert.hpp"

namespace farpoint::jobs {

namespace {

using corpus::Role;
using corpus::TextView;
using corpus::Turn;

/// Records that a thread renders at a time.
constexpr std::size_t block_records = 16;

/// Places of the turns whose text is scored, ascending.
std::vector<std::size_t> answer_places(std::span<const Turn> turns, AnswerChoice which) {
  if (which == AnswerChoice::last) {
    const auto answer = corpus::answer_place(turns);
    return answer == turns.size() ? std::vector<std::size_t>() : std::vector{answer};
  }
  const auto is_assistant = [](const Turn& turn) { return turn.role == Role::assistant; };
  const bool said = std::any_of(turns.begin(), turns.end(), is_assistant);
  std::vector<std::size_t> places;
  for (std::size_t t = 0; t < turns.size(); ++t) {
    const bool answers = turns[t].role == (said ? Role::assistant : Role::tool_call);
    if (answers && !turns[t].text.empty()) places.push_back(t);
  }
  return places;
}

// Without a template.

/// What stands between two answers: a newline behind the one before, the turns, a newline before the next.
std::string context_of(std::span<const Turn> turns, bool is_first) {
  std::string context = is_first ? "" : "\n";
  for (const auto& turn : turns) {
    if (!turn.text.empty()) context.append(turn.text).append("\n");
  }
  return is_first && context.empty() ? "\n" : context;
}

void add_plain_answers(const corpus::Record& record, AnswerChoice which, ScoredTexts& texts) {
  if (which == AnswerChoice::last) {
    texts.parts.push_back(corpus::view(record, TextView::prompt) + "\n");
    texts.parts.push_back(corpus::view(record, TextView::response));
    texts.counts.push_back(2);
    return;
  }
  const std::span<const Turn> turns = record.turns;
  const auto places = answer_places(turns, which);
  std::size_t begin = 0;
  for (const auto place : places) {
    texts.parts.push_back(context_of(turns.subspan(begin, place - begin), begin == 0));
    texts.parts.push_back(turns[place].text);
    begin = place + 1;
  }
  texts.counts.push_back(2 * places.size());
}

// With a template.

/// Messages of a record up to an answer, as templates take them.
struct Answer {
  std::string before;
  std::string with;
  std::string text;  // its own
};

struct Messages {
  std::string all;  // empty where it is not asked for
  std::vector<Answer> answers;
};

struct Rendered {
  std::string whole;
  std::vector<std::string> parts;
  std::string refusal;  // empty: none
};

Messages messages_of(const corpus::Record& record, const TextChoice& choice) {
  Messages messages;
  const std::span<const Turn> turns = record.turns;
  if (choice.whole) messages.all = corpus::chat_messages(turns);
  if (!choice.answers) return messages;
  for (const auto place : answer_places(turns, choice.which)) {
    messages.answers.push_back(
        {corpus::chat_messages(turns.first(place)), corpus::chat_messages(turns.first(place + 1)), turns[place].text});
  }
  return messages;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white_space = " \t\r\n";
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) + 1 - first);
}

/// Where the answer begins in `conversation`, which ends with it: behind `context`. Where that is not how the
/// conversation begins (templates put the system's message into the last one of the user, say), at the answer's text.
std::size_t answer_begin(std::string_view conversation, std::string_view context, std::string_view answer) {
  if (conversation.starts_with(context)) return context.size();
  const auto text = trimmed(answer);
  return text.empty() ? std::string_view::npos : conversation.rfind(text);
}

[[noreturn]] void throw_not_found(const tokenizer::ChatTemplate& chat) {
  throw Error(chat.origin() + ": the answer is not in the text that the template writes");
}

std::vector<std::string> parts_of(const Answer& answer, const tokenizer::ChatTemplate& chat) {
  const auto context = chat.render(answer.before, true);
  const auto conversation = chat.render(answer.with);
  const auto begin = answer_begin(conversation, context, answer.text);
  if (begin == std::string::npos) throw_not_found(chat);
  return {context, conversation.substr(begin)};
}

/// Where an answer, and how it ends, stands in a conversation that goes on behind it.
std::pair<std::size_t, std::size_t> extent_in(std::string_view whole, const Answer& answer,
                                              const tokenizer::ChatTemplate& chat) {
  const auto context = chat.render(answer.before, true);
  const auto conversation = chat.render(answer.with);
  if (whole.starts_with(conversation)) {
    const auto begin = answer_begin(conversation, context, answer.text);
    if (begin == std::string::npos) throw_not_found(chat);
    return {begin, conversation.size()};
  }
  // Templates write more around the last answer, such as an empty thought: then what they write around this one now.
  const auto text = trimmed(answer.text);
  if (text.empty() || !whole.starts_with(context) || !whole.substr(context.size()).starts_with(text)) {
    throw Error(chat.origin() + ": an answer is written otherwise once the conversation goes on; use 'answers: last'");
  }
  const auto last = conversation.rfind(text);
  const auto ending = last == std::string::npos ? std::string() : conversation.substr(last + text.size());
  const auto end = context.size() + text.size();
  return {context.size(), end + (whole.substr(end).starts_with(ending) ? ending.size() : 0)};
}

/// The conversation up to the last answer, cut where each answer begins and ends.
std::vector<std::string> parts_of(const std::vector<Answer>& answers, const tokenizer::ChatTemplate& chat) {
  if (answers.empty()) return {};
  if (answers.size() == 1) return parts_of(answers[0], chat);
  const std::string whole = chat.render(answers.back().with);
  std::vector<std::string> parts;
  std::size_t behind = 0;
  for (const auto& answer : answers) {
    const auto [begin, end] = extent_in(whole, answer, chat);
    if (begin < behind) throw_not_found(chat);
    parts.push_back(whole.substr(behind, begin - behind));
    parts.push_back(whole.substr(begin, end - begin));
    behind = end;
  }
  return parts;
}

Rendered render(const Messages& messages, const tokenizer::ChatTemplate& chat) {
  Rendered text;
  try {
    if (!messages.all.empty()) text.whole = chat.render(messages.all);
    text.parts = parts_of(messages.answers, chat);
  } catch (const Error& error) {
    return {"", {}, error.what()};
  }
  return text;
}

void add_rendered(const Rendered& rendered, const TextChoice& choice, std::uint32_t row, ScoredTexts& texts) {
  if (choice.whole) texts.whole.push_back(rendered.whole);
  if (choice.answers) {
    auto parts = rendered.parts;
    if (choice.which == AnswerChoice::last) parts.resize(2);
    for (const auto& part : parts) texts.parts.push_back(part);
    texts.counts.push_back(parts.size());
  }
  if (rendered.refusal.empty()) return;
  if (texts.refused.empty()) texts.refusal = rendered.refusal;
  texts.refused.push_back(row);
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
    add_rendered(rendered[i], choice, static_cast<std::uint32_t>(i), texts);
  }
  return texts;
}

}  // namespace

ScoredTexts scored_texts(const pipeline::Shard& shard, const TextChoice& choice) {
  ScoredTexts texts;
  if (choice.chat != nullptr) texts = chat_texts(shard, choice);
  shard.for_each_record([&](std::size_t, const corpus::Record& record) {
    if (choice.prompts) texts.prompts.push_back(corpus::view(record, TextView::prompt));
    if (choice.chat != nullptr) return;
    if (choice.whole) texts.whole.push_back(corpus::view(record, choice.view));
    if (choice.answers) add_plain_answers(record, choice.which, texts);
  });
  return texts;
}

}  // namespace farpoint::jobs
