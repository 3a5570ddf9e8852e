// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/perplexity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "farpoint/base/error.hpp"

namespace farpoint::score {

models::SpannedSequence Sequences::operator[](std::size_t sequence) const {
  const auto begin = offsets[sequence];
  const auto own =
      std::span(spans).subspan(span_offsets[sequence], span_offsets[sequence + 1] - span_offsets[sequence]);
  return {std::span(ids).subspan(begin, offsets[sequence + 1] - begin), {own.begin(), own.end()}};
}

std::size_t Sequences::tokens_read(std::size_t sequence) const {
  std::size_t end = 0;
  for (auto i = span_offsets[sequence]; i < span_offsets[sequence + 1]; ++i) {
    if (spans[i].begin < spans[i].end) end = std::max(end, spans[i].end);
  }
  return end;
}

Sequences whole_texts(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> texts,
                      bool special_tokens) {
  auto tokens = tokenizer.encode(texts, {special_tokens, 0});
  Sequences sequences;
  sequences.offsets.assign(tokens.offsets.begin(), tokens.offsets.end());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto count = tokens[i].size();
    sequences.spans.push_back({std::min<std::size_t>(1, count), count});
    sequences.span_offsets.push_back(sequences.spans.size());
  }
  sequences.texts_with_bad_utf8 = tokens.records_with_bad_utf8;
  sequences.ids = std::move(tokens.ids);
  return sequences;
}

Sequences answers_within(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> parts,
                         std::span<const std::size_t> counts, bool special_tokens) {
  const auto counted = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  const bool odd = std::any_of(counts.begin(), counts.end(), [](std::size_t count) { return count % 2 != 0; });
  if (odd || counted != parts.size()) {
    throw Error(fmt::format("{} parts, but counts of {}{}", parts.size(), counted, odd ? ", some of them odd" : ""));
  }
  const auto tokens = tokenizer.encode(parts, {false, 0});
  Sequences sequences;
  sequences.texts_with_bad_utf8 = tokens.records_with_bad_utf8;
  auto& ids = sequences.ids;
  const auto append = [&](std::span<const std::uint32_t> part) { ids.insert(ids.end(), part.begin(), part.end()); };
  std::size_t part = 0;
  for (const auto count : counts) {
    if (special_tokens) append(tokenizer.front());
    for (std::size_t pair = 0; pair < count / 2; ++pair) {
      append(tokens[part++]);
      const auto begin = ids.size() - sequences.offsets.back();
      append(tokens[part++]);
      sequences.spans.push_back({begin, ids.size() - sequences.offsets.back()});
    }
    sequences.offsets.push_back(ids.size());
    sequences.span_offsets.push_back(sequences.spans.size());
  }
  return sequences;
}

Sequences responses_after(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> contexts,
                          std::span<const std::string_view> responses, bool special_tokens) {
  if (contexts.size() != responses.size()) {
    throw Error(fmt::format("{} contexts for {} responses", contexts.size(), responses.size()));
  }
  std::vector<std::string_view> parts;
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    parts.push_back(contexts[i]);
    parts.push_back(responses[i]);
  }
  return answers_within(tokenizer, parts, std::vector<std::size_t>(contexts.size(), 2), special_tokens);
}

Perplexity perplexity_of(const models::Likelihood& likelihood) {
  return pooled_perplexity(std::span(&likelihood, 1));
}

Perplexity pooled_perplexity(std::span<const models::Likelihood> likelihoods) {
  double negative_log = 0;
  Perplexity perplexity;
  for (const auto& likelihood : likelihoods) {
    negative_log += likelihood.negative_log;
    perplexity.tokens += likelihood.tokens;
  }
  if (perplexity.tokens == 0) return perplexity;
  const double loss = negative_log / static_cast<double>(perplexity.tokens);
  const double value = std::exp(loss);
  if (!std::isfinite(value)) return perplexity;
  perplexity.loss = loss;
  perplexity.value = value;
  return perplexity;
}

AnswerPerplexities answer_perplexities(std::span<const models::Likelihood> answers) {
  AnswerPerplexities result;
  result.pooled = pooled_perplexity(answers);
  double sum = 0;
  double max = 0;
  for (const auto& answer : answers) {
    if (answer.tokens == 0) continue;
    const auto value = perplexity_of(answer).value;
    sum += value;
    max = std::isnan(value) || std::isnan(max) ? Perplexity::none : std::max(max, value);
    ++result.answers;
  }
  if (result.answers == 0) return result;
  result.mean = sum / static_cast<double>(result.answers);
  result.max = max;
  return result;
}

std::vector<models::Likelihood> likelihoods(const models::LanguageModel& model, const Sequences& sequences) {
  std::vector<models::SpannedSequence> spanned;
  for (std::size_t i = 0; i < sequences.size(); ++i) spanned.push_back(sequences[i]);
  return model.score_spans(spanned);
}

std::vector<Perplexity> perplexities(const models::LanguageModel& model, const Sequences& sequences) {
  const auto found = likelihoods(model, sequences);
  std::vector<Perplexity> result;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const auto begin = sequences.span_offsets[i];
    result.push_back(pooled_perplexity(std::span(found).subspan(begin, sequences.span_offsets[i + 1] - begin)));
  }
  return result;
}

double following_difficulty(const Perplexity& after_prompt, const Perplexity& alone) {
  return after_prompt.value / alone.value;
}

double reversed_difficulty(const Perplexity& after_response, const Perplexity& alone) {
  return after_response.value / alone.value;
}

}  // namespace farpoint::score
