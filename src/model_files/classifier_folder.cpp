// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/classifier_folder.hpp"

#include <fmt/format.h>

#include <array>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "json.hpp"

namespace farpoint::model_files {

namespace {

namespace fs = std::filesystem;

/// transformers' class for a type, and what it calls the backbone.
struct Classes {
  std::string_view model_type;
  std::string_view architecture;
  std::string_view prefix;
};

constexpr std::array classes = {
    Classes{"bert", "BertForSequenceClassification", "bert."},
    Classes{"distilbert", "DistilBertForSequenceClassification", "distilbert."},
    Classes{"mpnet", "MPNetForSequenceClassification", "mpnet."},
    Classes{"roberta", "RobertaForSequenceClassification", "roberta."},
    Classes{"xlm-roberta", "XLMRobertaForSequenceClassification", "roberta."},
    Classes{"camembert", "CamembertForSequenceClassification", "roberta."},
    Classes{"deberta-v2", "DebertaV2ForSequenceClassification", "deberta."},
    Classes{"modernbert", "ModernBertForSequenceClassification", "model."},
};

const Classes& classes_of(const ModelConfig& config) {
  for (const Classes& entry : classes) {
    if (entry.model_type == config.model_type) return entry;
  }
  throw UsageError(fmt::format("models of type {} cannot be trained as classifiers, only encoders", config.model_type));
}

/// Parts of the classes that are no part of their backbones. BERT's pooler is part of it.
bool is_head(const ModelConfig& config, std::string_view name) {
  if (config.family == Family::deberta_v2 && name.starts_with("pooler.")) return true;
  if (config.family == Family::modernbert && name.starts_with("head.")) return true;
  return name.starts_with("classifier.") || name.starts_with("pre_classifier.");
}

void write_json(const fs::path& file, const nlohmann::json& json) {
  write_file(file, json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

nlohmann::json new_config(const ModelFolder& source, const ClassifierSettings& settings) {
  nlohmann::json json = read_json(source.sentence.transformer_folder / "config.json");
  json["architectures"] = nlohmann::json::array({classes_of(source.config).architecture});
  json["problem_type"] = settings.problem == ProblemType::regression ? "regression" : "single_label_classification";
  json["id2label"] = nlohmann::json::object();
  json["label2id"] = nlohmann::json::object();
  for (std::size_t i = 0; i < settings.labels.size(); ++i) {
    json["id2label"][std::to_string(i)] = settings.labels[i];
    json["label2id"][settings.labels[i]] = i;
  }
  // How many labels there are follows from their names; two places would contradict each other sooner or later.
  for (const char* key : {"num_labels", "_num_labels", "torch_dtype", "_name_or_path", "finetuning_task"}) {
    json.erase(key);
  }
  json["dtype"] = "float32";
  return json;
}

}  // namespace

void write_classifier_settings(const ModelFolder& source, const ClassifierSettings& settings, const fs::path& target) {
  const fs::path& folder = source.sentence.transformer_folder;
  write_json(target / "config.json", new_config(source, settings));
  const fs::path tokenizer_config = folder / "tokenizer_config.json";
  nlohmann::json tokenizer = is_there(tokenizer_config) ? read_json(tokenizer_config) : nlohmann::json::object();
  // What the model was trained on: a sentence-transformers folder says it in a file that classifiers do not have.
  tokenizer["model_max_length"] = settings.max_tokens;
  write_json(target / "tokenizer_config.json", tokenizer);
  for (const char* name : {"tokenizer.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json",
                           "merges.txt", "spm.model", "sentencepiece.bpe.model"}) {
    if (is_there(folder / name)) write_file(target / name, read_file(folder / name));
  }
}

std::string classifier_tensor_name(const ModelConfig& config, std::string_view prefix, std::string_view name) {
  if (is_head(config, name)) return std::string(name);
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return std::string(classes_of(config).prefix) + std::string(name);
}

}  // namespace farpoint::model_files
