// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "farpoint/learn/linear.hpp"
#include "farpoint/model_files/model_config.hpp"
#include "farpoint/models/embedder.hpp"

namespace farpoint::learn {

/// What a linear model is good for without its run: the encoder whose vectors it was trained on, and its labels.
struct LinearFolder {
  std::filesystem::path encoder;     ///< the folder that models::Embedder was made with
  models::EmbedderOptions embedder;  ///< and how; where it computed does not matter
  /// One an output, in order. Of a binary model that of label 1.
  std::vector<std::string> labels;
  /// What makes scores of outputs: multi_label (a sigmoid) for binary models, single_label (softmax) for classes,
  /// regression for grades.
  model_files::ProblemType problem = model_files::ProblemType::multi_label;
};

/// Writes a sentence-transformers folder: the encoder's modules and one more, a Dense layer with the model's weights in
/// float32. So SentenceTransformer(folder).encode(texts) and models::Embedder give the model's outputs: log-odds,
/// logits or grades. The labels and the problem type stand in config.json, as in classifiers of transformers.
///
/// The folder appears whole, and takes the place of one that this function wrote before. Weights that are not
/// safetensors, model cards and the like are not copied. Call it on one rank. Throws UsageError for what is wrong with
/// the encoder's folder, Error when the model does not fit the encoder or the labels, or does not fit into float32,
/// when something else is in the way, and for what the disk refuses.
void save_linear_folder(const LinearModel& model, const LinearFolder& facts, const std::filesystem::path& folder);

}  // namespace farpoint::learn
