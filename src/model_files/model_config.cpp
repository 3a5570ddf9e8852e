// SPDX-License-Identifier: Apache-2.0
#include "farpoint/model_files/model_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "config_reader.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::model_files {

namespace {

struct ModelType {
  std::string_view name;
  Family family;
  void (*read)(const JsonObject& file, ModelConfig& config);
};

constexpr std::array model_types = {
    ModelType{"bert", Family::bert, read_bert},
    ModelType{"distilbert", Family::distilbert, read_distilbert},
    ModelType{"mpnet", Family::mpnet, read_mpnet},
    ModelType{"roberta", Family::roberta, read_roberta},
    ModelType{"xlm-roberta", Family::roberta, read_roberta},
    ModelType{"camembert", Family::roberta, read_roberta},
    ModelType{"deberta-v2", Family::deberta_v2, read_deberta_v2},
    ModelType{"modernbert", Family::modernbert, read_modernbert},
    ModelType{"gpt2", Family::gpt2, read_gpt2},
    ModelType{"llama", Family::llama, read_llama},
    ModelType{"mistral", Family::mistral, read_mistral},
    ModelType{"qwen2", Family::qwen2, read_qwen2},
    ModelType{"qwen3", Family::qwen3, read_qwen3},
};

const ModelType& find_type(const JsonObject& file) {
  const std::string wanted = file.text("model_type", "");
  std::vector<std::string_view> names;
  for (const ModelType& type : model_types) {
    if (type.name == wanted) return type;
    names.push_back(type.name);
  }
  const bool own_code = file.is_set("auto_map");
  file.refuse("model_type",
              fmt::format("{}supported are {}",
                          own_code ? "such models bring Python code of their own, which is not run; " : "",
                          fmt::join(names, ", ")));
}

}  // namespace

ModelConfig parse_model_config(std::string_view text, const std::string& name) {
  const nlohmann::json json = parse_json(text, name);
  const JsonObject file(json, name + ": ");
  const ModelType& type = find_type(file);
  ModelConfig config;
  config.family = type.family;
  config.model_type = type.name;
  const auto architectures = file.texts("architectures");
  if (architectures && !architectures->empty()) config.architecture = architectures->front();
  config.dtype = file.text(file.has("dtype") ? "dtype" : "torch_dtype", "");
  refuse_unsupported(file, is_causal(type.family));
  type.read(file, config);
  if (config.windows.empty()) config.windows.resize(static_cast<std::size_t>(config.layers));
  read_labels(file, config);
  return config;
}

ModelConfig read_model_config(const std::filesystem::path& file) {
  return parse_model_config(read_text(file), file.string());
}

std::int64_t usable_positions(const ModelConfig& config) {
  const bool padding_first = config.family == Family::roberta || config.family == Family::mpnet;
  return config.max_positions - (padding_first ? config.pad_token_id + 1 : 0);
}

bool has_position_table(const ModelConfig& config) {
  if (config.family == Family::deberta_v2) return config.disentangled.position_biased_input;
  return config.family <= Family::roberta || config.family == Family::gpt2;
}

}  // namespace farpoint::model_files
