// SPDX-License-Identifier: Apache-2.0
#include "loaded_model.hpp"

#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "farpoint/base/error.hpp"

namespace farpoint::models {

namespace {

/// Heads of other tasks that folders are published with, and what old exports keep: they do not change what we compute.
constexpr std::string_view other_heads[] = {
    "cls.",   "pooler.", "classifier.", "pre_classifier.", "lm_head.",          "vocab_",  "qa_outputs",
    "score.", "head.",   "decoder.",    "lm_predictions.", "mask_predictions.", "dropout."};
constexpr std::string_view stored_buffers[] = {".position_ids", ".attn.bias", ".attn.masked_bias",
                                               "rotary_emb.inv_freq"};

void ignore_known(Parameters& parameters, const std::string& prefix) {
  for (const auto head : other_heads) {
    parameters.ignore_prefix(head);
    if (!prefix.empty()) parameters.ignore_prefix(prefix + std::string(head));
  }
  for (const auto buffer : stored_buffers) parameters.ignore_suffix(buffer);
}

std::string_view bytes_of(std::span<const std::uint32_t> ids) {
  return {reinterpret_cast<const char*>(ids.data()), ids.size_bytes()};
}

std::span<const std::uint32_t> types_of(const tokenizer::TokenLists& texts, std::size_t text) {
  if (texts.type_ids.empty()) return {};
  return std::span(texts.type_ids).subspan(texts.offsets[text], texts.offsets[text + 1] - texts.offsets[text]);
}

std::int64_t resolve_max_tokens(const model_files::ModelFolder& folder, const PackingRules& rules,
                                const std::optional<std::int64_t>& wanted) {
  if (!wanted) return std::min(folder.max_tokens, rules.max_positions);
  if (*wanted > rules.max_positions) {
    throw UsageError(fmt::format("max_tokens is {}, but the model in {} has positions for {} tokens only", *wanted,
                                 folder.path.string(), rules.max_positions));
  }
  return *wanted;
}

Distinct distinct_texts(const tokenizer::TokenLists& texts) {
  // Pairs of the same tokens may be parted elsewhere.
  std::vector<std::string> keys(texts.type_ids.empty() ? 0 : texts.size());
  return find_distinct(texts.size(), [&](std::size_t text) -> std::string_view {
    if (keys.empty()) return bytes_of(texts[text]);
    keys[text].append(bytes_of(texts[text])).append(bytes_of(types_of(texts, text)));
    return keys[text];
  });
}

}  // namespace

LoadedModel::LoadedModel(const model_files::ModelFolder& opened, const Execution& execution,
                         const std::optional<std::int64_t>& limit, const std::function<void(Parameters&)>& take_head,
                         TrainedWeights* trained)
    : folder(opened), placement(place(execution)), tokenizer(opened.tokenizer) {
  // Tensors that are made in inference mode cannot be trained.
  const c10::InferenceMode inference(trained == nullptr);
  if (trained != nullptr) placement.type = at::kFloat;
  rules = packing_rules(folder.config);
  max_tokens = resolve_max_tokens(folder, rules, limit);
  const auto weights = model_files::Weights::open(folder.sentence.transformer_folder);
  Parameters parameters(weights, placement, trained);
  backbone = make_backbone(folder.config, parameters);
  take_head(parameters);
  if (trained != nullptr) parameters.ignore_prefix("fc.");  // a head that another takes the place of
  prefix = backbone_prefix(folder.config, parameters);
  ignore_known(parameters, prefix);
  parameters.check_all_taken();
}

PackedBatch LoadedModel::pack_texts(const tokenizer::TokenLists& texts, std::span<const std::uint32_t> indices) const {
  std::vector<SequenceView> sequences;
  for (const auto index : indices) sequences.push_back({texts[index], types_of(texts, index)});
  return pack(sequences, rules, placement.device);
}

TextRows map_distinct_texts(const LoadedModel& model, const tokenizer::TokenLists& texts, std::int64_t width,
                            const std::function<at::Tensor(const PackedBatch&)>& compute) {
  const auto columns = static_cast<std::size_t>(width);
  TextRows result;
  result.rows.resize(texts.size() * columns, std::numeric_limits<float>::quiet_NaN());
  const auto row_of = [&](std::size_t text) { return std::span(result.rows).subspan(text * columns, columns); };

  const auto distinct = distinct_texts(texts);
  result.distinct = distinct.first.size();
  std::vector<std::uint32_t> computed;
  std::vector<std::uint64_t> lengths;
  for (const auto text : distinct.first) {
    if (texts[text].empty()) continue;
    computed.push_back(text);
    lengths.push_back(texts[text].size());
  }
  const auto batches = plan_batches(lengths, model.placement.batch);
  run_batches(batches, model.placement.batch_run(), [&](std::span<const std::uint32_t> batch) {
    std::vector<std::uint32_t> members;
    for (const auto place : batch) members.push_back(computed[place]);
    const at::Tensor rows = compute(model.pack_texts(texts, members)).to(at::kCPU).contiguous();
    const auto* values = rows.const_data_ptr<float>();
    for (std::size_t m = 0; m < members.size(); ++m)
      std::copy_n(values + m * columns, columns, row_of(members[m]).begin());
  });

  for (std::size_t text = 0; text < texts.size(); ++text) {
    const auto row = row_of(text);
    const auto original = row_of(distinct.first[distinct.of_sequence[text]]);
    std::copy(original.begin(), original.end(), row.begin());
    if (std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); })) continue;
    std::fill(row.begin(), row.end(), std::numeric_limits<float>::quiet_NaN());
    result.failed.push_back(static_cast<std::uint32_t>(text));
  }
  return result;
}

}  // namespace farpoint::models
