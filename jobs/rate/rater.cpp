// SPDX-License-Identifier: Apache-2.0
// jobs/rate/rater.cpp: a causal language model that is asked for a rating.
#include <array>
#include <limits>
#include <numeric>

#include "farpoint/base/error.hpp"
#include "farpoint/models/language_model.hpp"
#include "judge.hpp"

namespace farpoint::jobs {

namespace {

using pipeline::Shard;
using pipeline::ShardResult;

constexpr std::array<std::string_view, 5> field_names{"prompt", "instruction", "response", "output", "text"};
constexpr std::size_t text_field = 4;

std::array<std::string_view, 5> field_values(const score::Exchange& exchange, std::string_view text) {
  return {exchange.prompt, exchange.prompt, exchange.response, exchange.response, text};
}

/// What is asked, and of which record.
struct Questions {
  std::vector<std::string> prompts;
  std::vector<std::size_t> rows;  // ascending
};

class Rater final : public Judge {
 public:
  Rater(const RateOptions& options, const std::vector<ChosenModel>& models)
      : turns_(*options.turns), prompts_(rating_prompts(options)) {
    for (const auto& chosen : models) {
      const auto& first = models.front();
      if (!judges_.empty() && chosen.path == first.path && chosen.execution.precision == first.execution.precision) {
        judges_.push_back(judges_.front());
        continue;
      }
      models::LanguageModelOptions model_options;
      model_options.max_tokens = static_cast<std::int64_t>(*options.max_tokens);
      model_options.execution = chosen.execution;
      judges_.push_back(std::make_shared<const models::LanguageModel>(chosen.path, model_options));
    }
    for (const auto& judge : judges_) {
      scales_.push_back(score::rating_scale(judge->tokenizer(), options.scale, options.values));
    }
  }

  std::vector<std::vector<double>> rate(const Shard& shard, ShardResult& result) const override {
    std::vector<Questions> questions(prompts_.size());
    shard.for_each_record([&](std::size_t row, const corpus::Record& record) { ask(row, record, questions); });
    std::vector<std::vector<double>> ratings;
    std::vector<std::uint8_t> too_long(shard.ids().size(), 0);
    for (std::size_t p = 0; p < prompts_.size(); ++p) ratings.push_back(answers(p, questions[p], too_long, result));
    result.counters["too_long"] = static_cast<std::uint64_t>(std::accumulate(too_long.begin(), too_long.end(), 0));

    const auto& rows = questions.front().rows;  // of every prompt the same
    std::vector<std::vector<double>> columns;
    if (ratings.size() == 2) {
      std::vector<double> products(rows.size());
      for (std::size_t i = 0; i < rows.size(); ++i) products[i] = ratings[0][i] * ratings[1][i];
      columns.push_back(combined(products, rows, shard.ids().size()));
    }
    for (const auto& of_prompt : ratings) columns.push_back(combined(of_prompt, rows, shard.ids().size()));
    std::uint64_t asked = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) asked += i == 0 || rows[i] != rows[i - 1] ? 1 : 0;
    result.counters["nothing_to_rate"] = shard.ids().size() - asked;
    return columns;
  }

 private:
  /// Adds the record's questions: an exchange is rated by all prompts or by none.
  void ask(std::size_t row, const corpus::Record& record, std::vector<Questions>& questions) const {
    const bool of_text = prompts_.front().is_of_text();
    const std::string text = of_text ? corpus::view(record, corpus::TextView::full) : "";
    std::vector<score::Exchange> exchanges;
    if (of_text) {
      exchanges.push_back(
          {corpus::view(record, corpus::TextView::prompt), corpus::view(record, corpus::TextView::response)});
    } else {
      exchanges = score::exchanges_of(record.turns);
    }
    std::erase_if(exchanges, [&](const score::Exchange& exchange) {
      return std::any_of(prompts_.begin(), prompts_.end(),
                         [&](const auto& prompt) { return prompt.lacks(exchange, text); });
    });
    if (turns_ == Turns::last && exchanges.size() > 1) exchanges.erase(exchanges.begin(), exchanges.end() - 1);
    for (const auto& exchange : exchanges) {
      for (std::size_t p = 0; p < prompts_.size(); ++p) {
        questions[p].prompts.push_back(prompts_[p].write(exchange, text));
        questions[p].rows.push_back(row);
      }
    }
  }

  std::vector<double> answers(std::size_t prompt, const Questions& questions, std::vector<std::uint8_t>& too_long,
                              ShardResult& result) const {
    const std::vector<std::string_view> views(questions.prompts.begin(), questions.prompts.end());
    auto ratings = score::rate_prompts(*judges_[prompt], views, scales_[prompt]);
    for (std::size_t i = 0; i < views.size(); ++i) {
      if (ratings.too_long[i] != 0) too_long[questions.rows[i]] = 1;
    }
    result.units += ratings.tokens;
    if (ratings.prompts_with_bad_utf8 > 0) result.counters["bad_utf8"] += ratings.prompts_with_bad_utf8;
    return std::move(ratings.values);
  }

  /// One value a record of the values of its exchanges.
  std::vector<double> combined(const std::vector<double>& values, const std::vector<std::size_t>& rows,
                               std::size_t records) const {
    std::vector<double> sums(records, 0);
    std::vector<double> counts(records, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      sums[rows[i]] += values[i];
      counts[rows[i]] += 1;
    }
    for (std::size_t row = 0; row < records; ++row) {
      if (counts[row] == 0) sums[row] = std::numeric_limits<double>::quiet_NaN();
      if (turns_ == Turns::mean) sums[row] /= counts[row];
    }
    return sums;
  }

  Turns turns_;
  std::vector<RatingPrompt> prompts_;
  std::vector<std::shared_ptr<const models::LanguageModel>> judges_;
  std::vector<score::RatingScale> scales_;
};

}  // namespace

RatingPrompt::RatingPrompt(std::string_view text) : template_(text, field_names) {
  for (std::size_t field = 0; field < field_names.size(); ++field) {
    if (template_.uses(field)) return;
  }
  throw UsageError("says nothing of the record; use {prompt}, {response} or {text}");
}

bool RatingPrompt::is_of_text() const {
  return template_.uses(text_field);
}

bool RatingPrompt::lacks(const score::Exchange& exchange, std::string_view text) const {
  const auto values = field_values(exchange, text);
  for (std::size_t field = 0; field < values.size(); ++field) {
    if (template_.uses(field) && values[field].empty()) return true;
  }
  return false;
}

std::string RatingPrompt::write(const score::Exchange& exchange, std::string_view text) const {
  return template_.fill(field_values(exchange, text));
}

std::vector<RatingPrompt> rating_prompts(const RateOptions& options) {
  std::vector<RatingPrompt> prompts;
  if (!options.rating) {
    prompts.emplace_back(*options.prompt);
    return prompts;
  }
  if (options.rating != Rating::quality) prompts.emplace_back(score::deita_complexity_prompt());
  if (options.rating != Rating::complexity) prompts.emplace_back(score::deita_quality_prompt());
  return prompts;
}

std::unique_ptr<Judge> make_rater(const RateOptions& options, const std::vector<ChosenModel>& models) {
  return std::make_unique<Rater>(options, models);
}

}  // namespace farpoint::jobs
