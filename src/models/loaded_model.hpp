// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "backbone.hpp"
#include "batching.hpp"
#include "farpoint/model_files/model_folder.hpp"
#include "farpoint/tokenizer/tokenizer.hpp"
#include "placement.hpp"

namespace farpoint::models {

/// A folder ready to compute: what the whole models of this layer have in common.
struct LoadedModel {
  model_files::ModelFolder folder;
  Placement placement;
  tokenizer::Tokenizer tokenizer;
  std::unique_ptr<Backbone> backbone;
  PackingRules rules;
  std::int64_t max_tokens = 0;
  std::string prefix;  ///< of the backbone's tensors in the folder

  /// With `trained` the weights are float32 and go there, to be trained, whatever the precision.
  /// `take_head` gets the tensors before it is checked that all are used; those that it does not take but that belong
  /// to other heads are ignored. `max_tokens` may lower the folder's limit, and raise it where positions are computed.
  LoadedModel(const model_files::ModelFolder& folder, const Execution& execution,
              const std::optional<std::int64_t>& max_tokens, const std::function<void(Parameters&)>& take_head,
              TrainedWeights* trained = nullptr);

  /// The batch of sequences `indices` of `texts`.
  PackedBatch pack_texts(const tokenizer::TokenLists& texts, std::span<const std::uint32_t> indices) const;
};

/// Result rows of texts, computed once for each distinct text; see map_distinct_texts().
struct TextRows {
  std::vector<float> rows;            ///< [texts, width]; NaN where there is none
  std::vector<std::uint32_t> failed;  ///< ascending
  std::uint64_t distinct = 0;
};

/// Calls compute(batch) -> float32 [sequences, width] on the model's device for batches of distinct texts, and gives
/// each text its row. Texts without tokens have none, and those for which memory does not suffice.
TextRows map_distinct_texts(const LoadedModel& model, const tokenizer::TokenLists& texts, std::int64_t width,
                            const std::function<at::Tensor(const PackedBatch&)>& compute);

}  // namespace farpoint::models
