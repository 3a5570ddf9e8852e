// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/perplexity.hpp"

#include <fmt/format.h>

#include <cmath>

#include "farpoint/base/error.hpp"

namespace farpoint::score {

models::ScoredSequence Sequences::operator[](std::size_t sequence) const {
  const auto begin = offsets[sequence];
  return {std::span(ids).subspan(begin, offsets[sequence + 1] - begin), first_scored[sequence]};
}

Sequences whole_texts(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> texts,
                      bool special_tokens) {
  auto tokens = tokenizer.encode(texts, {special_tokens, 0});
  Sequences sequences;
  sequences.offsets.assign(tokens.offsets.begin(), tokens.offsets.end());
  sequences.first_scored.assign(texts.size(), 1);
  sequences.texts_with_bad_utf8 = tokens.records_with_bad_utf8;
  sequences.ids = std::move(tokens.ids);
  return sequences;
}

Sequences responses_after(const tokenizer::Tokenizer& tokenizer, std::span<const std::string_view> contexts,
                          std::span<const std::string_view> responses, bool special_tokens) {
  if (contexts.size() != responses.size()) {
    throw Error(fmt::format("{} contexts for {} responses", contexts.size(), responses.size()));
  }
  const auto before = tokenizer.encode(contexts, {false, 0});
  const auto after = tokenizer.encode(responses, {false, 0});
  Sequences sequences;
  sequences.texts_with_bad_utf8 = before.records_with_bad_utf8 + after.records_with_bad_utf8;
  auto& ids = sequences.ids;
  const auto append = [&](std::span<const std::uint32_t> part) { ids.insert(ids.end(), part.begin(), part.end()); };
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    if (special_tokens) append(tokenizer.front());
    append(before[i]);
    sequences.first_scored.push_back(ids.size() - sequences.offsets.back());
    append(after[i]);
    sequences.offsets.push_back(ids.size());
  }
  return sequences;
}

Perplexity perplexity_of(const models::Likelihood& likelihood) {
  Perplexity perplexity;
  perplexity.tokens = likelihood.tokens;
  if (likelihood.tokens == 0) return perplexity;
  const double value = std::exp(likelihood.negative_log / static_cast<double>(likelihood.tokens));
  if (std::isfinite(value)) perplexity.value = value;
  return perplexity;
}

std::vector<Perplexity> perplexities(const models::LanguageModel& model, const Sequences& sequences) {
  std::vector<models::ScoredSequence> scored;
  for (std::size_t i = 0; i < sequences.size(); ++i) scored.push_back(sequences[i]);
  std::vector<Perplexity> result;
  for (const auto& likelihood : model.score(scored)) result.push_back(perplexity_of(likelihood));
  return result;
}

double following_difficulty(const Perplexity& after_prompt, const Perplexity& alone) {
  return after_prompt.value / alone.value;
}

}  // namespace farpoint::score
