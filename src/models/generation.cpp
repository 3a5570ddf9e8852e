// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "causal_model.hpp"
#include "farpoint/base/random.hpp"
#include "pooling.hpp"

namespace farpoint::models {

namespace {

using Ids = std::vector<std::uint32_t>;

/// Rows of logits that exist at once.
constexpr std::int64_t block_rows = 64;

/// A prompt that is continued.
struct Text {
  const Prompt* prompt = nullptr;
  std::size_t most = 0;  // new tokens
  std::int64_t cache_row = 0;
  Ids whole;  // the prompt's tokens and the new ones
  bool failed = false;

  std::size_t prompt_size() const { return prompt->ids.size(); }
  std::size_t new_tokens() const { return whole.size() - prompt_size(); }
};

/// A token of the softmax of logits / temperature: the first at which the sum of the probabilities exceeds the number
/// drawn from [0, 1).
std::uint32_t draw(std::span<const float> logits, double temperature, double drawn) {
  const double greatest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> sums(logits.size());
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    sum += std::exp((static_cast<double>(logits[i]) - greatest) / temperature);
    sums[i] = sum;
  }
  const auto found = std::upper_bound(sums.begin(), sums.end(), drawn * sum);
  // Where rounding leads behind the last: the last that has a probability.
  const auto place = found != sums.end() ? found : std::lower_bound(sums.begin(), sums.end(), sum);
  return static_cast<std::uint32_t>(place - sums.begin());
}

/// Texts that are written together, a token each at a time.
class GenerationBatch {
 public:
  /// Without a cache each step reads the whole texts again.
  GenerationBatch(const CausalModel& model, const GenerationOptions& options, bool cached)
      : model_(model), options_(options), cached_(cached) {}

  void add(const Prompt& prompt, std::size_t most) {
    texts_.push_back({&prompt, most, cache_rows_, {prompt.ids.begin(), prompt.ids.end()}});
    cache_rows_ += static_cast<std::int64_t>(prompt.ids.size() + most);
  }

  const std::vector<Text>& write() {
    if (cached_) cache_ = model_.make_cache(cache_rows_);
    std::vector<Text*> active;
    for (auto& text : texts_) {
      if (text.most > 0) active.push_back(&text);
    }
    while (!active.empty()) {
      step(active);
      std::erase_if(active, [](const Text* text) { return text->failed || text->new_tokens() == text->most; });
    }
    return texts_;
  }

 private:
  void step(const std::vector<Text*>& active) {
    std::vector<SequenceView> sequences;
    for (const auto* text : active) sequences.push_back(unread(*text));
    const auto batch = model_.pack_sequences(sequences, cached_ ? &cache_ : nullptr);
    const at::Tensor last = last_tokens(model_.model.backbone->hidden(batch), batch);
    for (std::int64_t begin = 0; begin < last.size(0); begin += block_rows) {
      const auto rows = std::min(block_rows, last.size(0) - begin);
      choose(model_.head.logits(last.narrow(0, begin, rows)),
             std::span(active).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(rows)));
    }
  }

  /// What the model has not seen of a text: the prompt at first, then the last token.
  SequenceView unread(const Text& text) const {
    const std::span<const std::uint32_t> whole(text.whole);
    if (!cached_ || text.new_tokens() == 0) return {whole, {}, {}, text.cache_row};
    const auto seen = static_cast<std::int64_t>(whole.size()) - 1;
    return {whole.last(1), {}, {text.cache_row, seen}, text.cache_row + seen};
  }

  /// The next token of each text; `logits` is [texts, vocabulary].
  void choose(const at::Tensor& logits, std::span<Text* const> texts) const {
    const auto [greatest, ids] = logits.max(1);
    // A sum that is not finite says so of any number in it.
    const at::Tensor sums = logits.sum(1, false, at::kDouble).to(at::kCPU);
    const at::Tensor likeliest = ids.to(at::kCPU);
    const at::Tensor rows = options_.temperature > 0 ? logits.to(at::kCPU) : at::Tensor();
    for (std::size_t t = 0; t < texts.size(); ++t) {
      auto& text = *texts[t];
      text.failed = !std::isfinite(sums.const_data_ptr<double>()[t]);
      if (text.failed) continue;
      const auto words = static_cast<std::size_t>(logits.size(1));
      append(text, rows.defined() ? drawn(text, {rows.const_data_ptr<float>() + t * words, words})
                                  : static_cast<std::uint32_t>(likeliest.const_data_ptr<std::int64_t>()[t]));
    }
  }

  std::uint32_t drawn(const Text& text, std::span<const float> logits) const {
    const auto bits = random_bits(options_.seed, text.prompt->stream, text.new_tokens());
    return draw(logits, options_.temperature, static_cast<double>(bits >> 11U) * 0x1p-53);
  }

  /// Ends the text where it must, by making its length the most.
  void append(Text& text, std::uint32_t token) const {
    const auto& ends = options_.end_tokens;
    if (std::find(ends.begin(), ends.end(), token) != ends.end()) {
      text.most = text.new_tokens();
      return;
    }
    text.whole.push_back(token);
    const auto written = std::span<const std::uint32_t>(text.whole).subspan(text.prompt_size());
    if (options_.ends && options_.ends(written)) text.most = written.size();
  }

  const CausalModel& model_;
  const GenerationOptions& options_;
  bool cached_;
  std::int64_t cache_rows_ = 0;
  std::vector<Text> texts_;
  KeyValueCache cache_;
};

}  // namespace

std::vector<std::optional<Ids>> generate_texts(const CausalModel& model, std::span<const Prompt> prompts,
                                               const GenerationOptions& options) {
  const auto most_of = [&](const Prompt& prompt) {
    return prompt.max_new_tokens > 0 ? prompt.max_new_tokens : options.max_new_tokens;
  };
  const auto longest_of = [&](const Prompt& prompt) { return prompt.ids.size() + most_of(prompt); };
  std::vector<std::optional<Ids>> result(prompts.size());
  for (const bool cached : {true, false}) {
    std::vector<std::size_t> members;
    std::vector<std::uint64_t> lengths;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
      const auto longest = longest_of(prompts[p]);
      if (prompts[p].ids.empty() || longest > static_cast<std::size_t>(model.model.max_tokens)) continue;
      if (model.can_be_continued(longest) != cached) continue;
      members.push_back(p);
      lengths.push_back(longest);
    }
    run_batches(plan_batches(lengths, model.model.placement.batch), model.model.placement.batch_run(),
                [&](std::span<const std::uint32_t> places) {
                  GenerationBatch batch(model, options, cached);
                  for (const auto place : places) batch.add(prompts[members[place]], most_of(prompts[members[place]]));
                  const auto& texts = batch.write();
                  for (std::size_t t = 0; t < texts.size(); ++t) {
                    if (texts[t].failed) continue;
                    const auto begin = texts[t].whole.begin() + static_cast<std::ptrdiff_t>(texts[t].prompt_size());
                    result[members[places[t]]] = Ids(begin, texts[t].whole.end());
                  }
                });
  }
  return result;
}

}  // namespace farpoint::models
