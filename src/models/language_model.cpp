// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "causal_model.hpp"
#include "farpoint/base/error.hpp"
#include "whole_models.hpp"

namespace farpoint::models {

namespace {

/// Tokens of a window that are scored, and the result that they belong to.
struct Part {
  TokenSpan tokens;  // within the window's ids
  std::size_t result = 0;
};

/// A piece of a sequence that goes through the model at once.
struct Window {
  std::span<const std::uint32_t> ids;
  std::vector<Part> parts;
};

/// The results of the sequence's spans are `first_result` and those behind it.
void add_windows(const SpannedSequence& sequence, std::size_t first_result, std::size_t size, std::size_t stride,
                 std::vector<Window>& windows) {
  const auto count = sequence.ids.size();
  std::size_t seen = 1;  // tokens that windows before have scored, or that have nothing before them
  for (std::size_t begin = 0; seen < count; begin += stride) {
    const auto end = std::min(begin + size, count);
    Window window;
    std::size_t last = begin;
    for (std::size_t s = 0; s < sequence.spans.size(); ++s) {
      const auto from = std::max(sequence.spans[s].begin, seen);
      const auto to = std::min(sequence.spans[s].end, end);
      if (from >= to) continue;
      window.parts.push_back({{from - begin, to - begin}, first_result + s});
      last = std::max(last, to);
    }
    seen = std::max(seen, end);
    if (window.parts.empty()) continue;
    window.ids = sequence.ids.subspan(begin, last - begin);  // nothing hangs on what stands behind the last scored one
    windows.push_back(std::move(window));
  }
}

std::string key_of(const Window& window) {
  std::string key(reinterpret_cast<const char*>(window.ids.data()), window.ids.size_bytes());
  for (const auto& part : window.parts) key.append(fmt::format(" {}-{}", part.tokens.begin, part.tokens.end));
  return key;
}

/// A continuation behind its prefix.
struct Joined {
  std::size_t place = 0;  // in the result
  std::vector<std::uint32_t> ids;
  std::size_t first_scored = 0;
};

/// Continuations that the model allows, by how they are computed.
struct SortedBranches {
  std::size_t count = 0;         // of all continuations
  std::vector<Branches> shared;  // the prefix is read once for all
  std::vector<std::vector<std::size_t>> shared_places;
  std::vector<Joined> whole;
};

SortedBranches sort_branches(const CausalModel& causal, std::span<const Branches> branches) {
  SortedBranches sorted;
  for (const auto& [prefix, continuations] : branches) {
    if (prefix.empty()) throw Error("a continuation needs a token before it");
    Branches shared{prefix, {}};
    std::vector<std::size_t> places;
    for (const auto& continuation : continuations) {
      const auto place = sorted.count++;
      const auto tokens = prefix.size() + continuation.size();
      if (continuation.empty()) throw Error("a continuation without tokens has no likelihood");
      if (tokens > static_cast<std::size_t>(causal.model.max_tokens)) continue;
      if (causal.can_be_continued(tokens)) {
        shared.continuations.push_back(continuation);
        places.push_back(place);
      } else {
        sorted.whole.push_back({place, {prefix.begin(), prefix.end()}, prefix.size()});
        sorted.whole.back().ids.insert(sorted.whole.back().ids.end(), continuation.begin(), continuation.end());
      }
    }
    if (places.empty()) continue;
    sorted.shared.push_back(std::move(shared));
    sorted.shared_places.push_back(std::move(places));
  }
  return sorted;
}

struct ScoringModel : CausalModel {
  std::size_t stride = 0;

  ScoringModel(const model_files::ModelFolder& folder, const LanguageModelOptions& options)
      : CausalModel(folder, options) {
    const auto size = static_cast<std::size_t>(model.max_tokens);
    if (size < 2) throw UsageError(fmt::format("max_tokens is {}, but likelihoods need 2 at least", size));
    stride = options.stride ? static_cast<std::size_t>(*options.stride) : std::max<std::size_t>(size / 2, 1);
    if (stride == 0 || stride >= size) {
      throw UsageError(fmt::format(
          "stride is {}, but it must be at least 1 and less than max_tokens, {}: each window's first token needs one "
          "before it",
          stride, size));
    }
  }

  /// Negative log-likelihoods of the windows' scored tokens, one part behind the other.
  at::Tensor losses(std::span<const Window* const> windows) const {
    std::vector<SequenceView> sequences;
    for (const auto* window : windows) sequences.push_back({window->ids, {}});
    const auto batch = pack_sequences(sequences);
    std::vector<std::int64_t> rows;  // whose hidden states predict a scored token
    for (std::size_t w = 0; w < windows.size(); ++w) {
      for (const auto& part : windows[w]->parts) {
        for (auto token = part.tokens.begin; token < part.tokens.end; ++token) {
          rows.push_back(batch.starts[w] + static_cast<std::int64_t>(token) - 1);
        }
      }
    }
    const at::Tensor predicting = at::tensor(rows, at::kLong).to(model.placement.device);
    const at::Tensor hidden = model.backbone->hidden(batch).index_select(0, predicting);
    return head.negative_log_likelihoods(hidden, batch.ids.index_select(0, predicting + 1)).to(at::kCPU);
  }

  std::vector<std::vector<double>> window_sums(const std::vector<Window>& windows) const;
};

/// One sum a part of each window, NaN where memory did not suffice.
std::vector<std::vector<double>> ScoringModel::window_sums(const std::vector<Window>& windows) const {
  std::vector<std::string> keys;
  for (const auto& window : windows) keys.push_back(key_of(window));
  const auto distinct = find_distinct(windows.size(), [&](std::size_t i) -> std::string_view { return keys[i]; });
  std::vector<std::uint64_t> lengths;
  std::vector<std::vector<double>> sums;
  for (const auto w : distinct.first) {
    lengths.push_back(windows[w].ids.size());
    sums.emplace_back(windows[w].parts.size(), std::numeric_limits<double>::quiet_NaN());
  }
  run_batches(plan_batches(lengths, model.placement.batch), model.placement.batch_run(),
              [&](std::span<const std::uint32_t> batch) {
                std::vector<const Window*> members;
                for (const auto place : batch) members.push_back(&windows[distinct.first[place]]);
                const at::Tensor tokens = losses(members);
                const auto* loss = tokens.const_data_ptr<float>();
                for (std::size_t m = 0; m < members.size(); ++m) {
                  for (std::size_t p = 0; p < members[m]->parts.size(); ++p) {
                    const auto& [begin, end] = members[m]->parts[p].tokens;
                    sums[batch[m]][p] = std::accumulate(loss, loss + (end - begin), 0.0);
                    loss += end - begin;
                  }
                }
              });
  std::vector<std::vector<double>> result;
  for (const auto place : distinct.of_sequence) result.push_back(sums[place]);
  return result;
}

class LoadedLanguageModel final : public LanguageModel::Implementation {
 public:
  LoadedLanguageModel(const model_files::ModelFolder& folder, const LanguageModelOptions& options)
      : model_(folder, options) {}

  const tokenizer::Tokenizer& tokenizer() const override { return model_.model.tokenizer; }
  std::int64_t max_tokens() const override { return model_.model.max_tokens; }
  std::vector<Likelihood> score(std::span<const ScoredSequence> sequences) const override;
  std::vector<Likelihood> score_spans(std::span<const SpannedSequence> sequences) const override;
  std::vector<Likelihood> score_branches(std::span<const Branches> branches) const override;
  std::vector<std::optional<std::vector<std::uint32_t>>> generate(std::span<const Prompt> prompts,
                                                                  const GenerationOptions& options) const override {
    return generate_texts(model_, prompts, options);
  }

 private:
  ScoringModel model_;
};

std::vector<Likelihood> LoadedLanguageModel::score(std::span<const ScoredSequence> sequences) const {
  std::vector<SpannedSequence> spanned;
  for (const auto& sequence : sequences) {
    spanned.push_back({sequence.ids, {{sequence.first_scored, sequence.ids.size()}}});
  }
  return score_spans(spanned);
}

std::vector<Likelihood> LoadedLanguageModel::score_spans(std::span<const SpannedSequence> sequences) const {
  const auto size = static_cast<std::size_t>(model_.model.max_tokens);
  std::vector<Window> windows;
  std::size_t spans = 0;
  for (const auto& sequence : sequences) {
    for (const auto& span : sequence.spans) {
      if (span.end <= sequence.ids.size()) continue;
      throw Error(fmt::format("a span ends at token {} of {}", span.end, sequence.ids.size()));
    }
    add_windows(sequence, spans, size, model_.stride, windows);
    spans += sequence.spans.size();
  }
  const auto sums = model_.window_sums(windows);
  std::vector<Likelihood> result(spans);
  for (std::size_t w = 0; w < windows.size(); ++w) {
    for (std::size_t p = 0; p < windows[w].parts.size(); ++p) {
      const auto& part = windows[w].parts[p];
      result[part.result].negative_log += sums[w][p];
      result[part.result].tokens += part.tokens.end - part.tokens.begin;
    }
  }
  return result;
}

std::vector<Likelihood> LoadedLanguageModel::score_branches(std::span<const Branches> branches) const {
  const auto sorted = sort_branches(model_, branches);
  std::vector<Likelihood> result(sorted.count, {std::numeric_limits<double>::quiet_NaN(), 0});
  const auto losses = branch_losses(model_, sorted.shared);
  for (std::size_t b = 0; b < losses.size(); ++b) {
    for (std::size_t c = 0; c < losses[b].size(); ++c) {
      if (std::isnan(losses[b][c])) continue;
      result[sorted.shared_places[b][c]] = {losses[b][c], sorted.shared[b].continuations[c].size()};
    }
  }
  std::vector<ScoredSequence> sequences;
  for (const auto& whole : sorted.whole) sequences.push_back({whole.ids, whole.first_scored});
  const auto likelihoods = score(sequences);
  for (std::size_t w = 0; w < sequences.size(); ++w) result[sorted.whole[w].place] = likelihoods[w];
  return result;
}

}  // namespace

std::unique_ptr<LanguageModel::Implementation> make_language_model(const std::filesystem::path& folder,
                                                                   const LanguageModelOptions& options) {
  return std::make_unique<LoadedLanguageModel>(model_files::open_model_folder(folder), options);
}

}  // namespace farpoint::models
