// SPDX-License-Identifier: Apache-2.0
// A causal model that is asked for a rating, and how probable it finds each answer.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "farpoint/base/error.hpp"
#include "farpoint/models/language_model.hpp"
#include "farpoint/score/rating.hpp"
#include "farpoint/score/template.hpp"
#include "rater.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr std::array<std::string_view, 4> field_names{"instruction", "prompt", "output", "response"};

class AskedModel final : public Rater {
 public:
  AskedModel(const ChosenModel& model, RateOptions& options, const Node& where) : path_(model.path) {
    if (!options.prompt && !options.rating) options.rating = Rating::quality;
    if (!options.scale) options.scale = std::vector<std::string>{"1", "2", "3", "4", "5", "6"};
    if (!options.turns) options.turns = TurnSum::sum;
    // A token of the prompt, and the rating.
    options.max_tokens = resolve_max_tokens("rate", options.max_tokens, 2, *model.folder, where);
    read_template(options, where);
    check_scale(options, *model.folder, where);
    options_ = options;
  }

  void load(const models::Execution& execution) override {
    models::LanguageModelOptions options;
    options.max_tokens = static_cast<std::int64_t>(*options_.max_tokens);
    options.execution = execution;
    model_.emplace(path_, options);
    scale_ = score::make_scale(model_->tokenizer(), *options_.scale);
  }
  void unload() override { model_.reset(); }

  std::vector<double> rate(const Shard& shard, ShardResult& result) const override {
    std::vector<std::string> prompts;
    std::vector<std::size_t> counts;
    auto& without = result.counters["no_text"];
    shard.for_each_record([&](std::size_t, const corpus::Record& record) {
      const auto before = prompts.size();
      for (const auto& exchange : asked_of(record)) {
        // A question or an answer that is missing cannot be rated.
        const bool can_ask =
            (!uses_prompt_ || !exchange.prompt.empty()) && (!uses_output_ || !exchange.response.empty());
        prompts.push_back(can_ask ? fill(exchange) : "");
      }
      counts.push_back(prompts.size() - before);
      without += counts.back() == 0 || prompts.back().empty() ? 1 : 0;
    });
    const std::vector<std::string_view> views(prompts.begin(), prompts.end());
    const auto ratings = score::expected_ratings(*model_, views, scale_);
    count_tokens(views, result);
    std::vector<double> values;
    std::size_t first = 0;
    for (const auto count : counts) {
      values.push_back(join(std::span(ratings).subspan(first, count)));
      first += count;
    }
    return values;
  }

  std::string reason(const ShardResult& result) const override {
    return fmt::format("{} without the text to be rated, {} too long", result.counters.at("no_text"),
                       result.counters.at("too_long"));
  }

 private:
  void read_template(const RateOptions& options, const Node& where) {
    const bool complexity = options.rating == Rating::complexity;
    const auto text = options.prompt ? std::string_view(*options.prompt)
                      : complexity   ? score::complexity_prompt()
                                     : score::quality_prompt();
    try {
      template_.emplace(text, field_names);
    } catch (const UsageError& error) {
      throw ConfigError(where.place_of("template"), fmt::format("'rate.template': {}", error.what()));
    }
    uses_prompt_ = template_->uses(0) || template_->uses(1);
    uses_output_ = template_->uses(2) || template_->uses(3);
    if (!uses_prompt_ && !uses_output_) {
      throw ConfigError(where.place_of("template"),
                        "'rate.template' has none of the fields {instruction}, {prompt}, {output}, {response}: every "
                        "record would have the same rating");
    }
  }

  static void check_scale(const RateOptions& options, const model_files::ModelFolder& folder, const Node& where) {
    try {
      score::make_scale(tokenizer::Tokenizer(folder.tokenizer), *options.scale);
    } catch (const UsageError& error) {
      throw ConfigError(where.place_of("scale"), fmt::format("'rate.scale': {}", error.what()));
    }
  }

  /// A record without an answer is a question alone.
  std::vector<score::Exchange> asked_of(const corpus::Record& record) const {
    auto exchanges = score::exchanges_of(record);
    if (exchanges.empty()) exchanges.push_back({corpus::view(record, corpus::TextView::prompt), ""});
    if (options_.turns == TurnSum::last) exchanges.erase(exchanges.begin(), exchanges.end() - 1);
    return exchanges;
  }

  std::string fill(const score::Exchange& exchange) const {
    const std::array<std::string_view, 4> values{exchange.prompt, exchange.prompt, exchange.response,
                                                 exchange.response};
    return template_->fill(values);
  }

  void count_tokens(std::span<const std::string_view> prompts, ShardResult& result) const {
    const auto tokens = model_->tokenizer().encode(prompts, {false, 0});
    const auto front = model_->tokenizer().front().size();
    auto& too_long = result.counters["too_long"];
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const auto size = tokens[i].size() + front + 1;
      result.units += size;
      too_long += size > *options_.max_tokens ? 1 : 0;
    }
    if (tokens.records_with_bad_utf8 > 0) result.counters["bad_utf8"] += tokens.records_with_bad_utf8;
  }

  /// One that is missing is missing in the sum.
  double join(std::span<const double> ratings) const {
    if (ratings.empty()) return std::numeric_limits<double>::quiet_NaN();
    double sum = 0;
    for (const double rating : ratings) sum += rating;
    return options_.turns == TurnSum::mean ? sum / static_cast<double>(ratings.size()) : sum;
  }

  std::filesystem::path path_;
  RateOptions options_;
  std::optional<score::Template> template_;
  bool uses_prompt_ = false;
  bool uses_output_ = false;
  score::Scale scale_;
  std::optional<models::LanguageModel> model_;
};

}  // namespace

std::unique_ptr<Rater> make_asked_model(const ChosenModel& model, RateOptions& options, const Node& where) {
  return std::make_unique<AskedModel>(model, options, where);
}

}  // namespace farpoint::jobs
