// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "farpoint/models/language_model.hpp"
#include "language_head.hpp"
#include "loaded_model.hpp"

namespace farpoint::models {

/// A causal folder ready to compute: what scoring and writing texts have in common.
struct CausalModel {
  LanguageHead head;  // taken while the model is loaded
  LoadedModel model;

  CausalModel(const model_files::ModelFolder& folder, const LanguageModelOptions& options);

  /// An empty cache of so many rows for this model.
  KeyValueCache make_cache(std::int64_t rows) const;
  PackedBatch pack_sequences(std::span<const SequenceView> sequences, KeyValueCache* cache = nullptr) const {
    return pack(sequences, model.rules, model.placement.device, cache);
  }
  /// False where a text of so many tokens has other keys than its beginning by itself: positions whose scaling depends
  /// on the length (rope type dynamic), beyond the trained length.
  bool can_be_continued(std::size_t tokens) const;
};

/// -log of each continuation's probability, for each of `branches` in its order; NaN where memory did not suffice. None
/// may be longer than the model allows, or cannot be continued.
std::vector<std::vector<double>> branch_losses(const CausalModel& model, std::span<const Branches> branches);

/// See LanguageModel::generate().
std::vector<std::optional<std::vector<std::uint32_t>>> generate_texts(const CausalModel& model,
                                                                      std::span<const Prompt> prompts,
                                                                      const GenerationOptions& options);

}  // namespace farpoint::models
