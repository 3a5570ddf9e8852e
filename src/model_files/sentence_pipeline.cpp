// SPDX-License-Identifier: Apache-2.0
// Keys: sentence-transformers, base/modules/{transformer,dense,normalize}.py, modules/pooling.py, base/model.py.
#include "farpoint/model_files/sentence_pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "farpoint/base/error.hpp"
#include "json.hpp"

namespace farpoint::model_files {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t most_width = std::int64_t{1} << 22;
constexpr std::int64_t most_tokens = std::int64_t{1} << 27;

struct PoolingName {
  std::string_view name;
  std::string_view flag;  ///< of older files, in the order of concatenation
  PoolingMode mode;
};

constexpr std::array pooling_names = {
    PoolingName{"cls", "pooling_mode_cls_token", PoolingMode::cls},
    PoolingName{"max", "pooling_mode_max_tokens", PoolingMode::max},
    PoolingName{"mean", "pooling_mode_mean_tokens", PoolingMode::mean},
    PoolingName{"mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens", PoolingMode::mean_sqrt_len},
    PoolingName{"weightedmean", "pooling_mode_weightedmean_tokens", PoolingMode::weighted_mean},
    PoolingName{"lasttoken", "pooling_mode_lasttoken", PoolingMode::last_token},
};

/// The names that sentence-transformers tries, in its order.
constexpr std::array transformer_names = {"sentence_bert_config.json",       "sentence_roberta_config.json",
                                          "sentence_distilbert_config.json", "sentence_camembert_config.json",
                                          "sentence_albert_config.json",     "sentence_xlm-roberta_config.json",
                                          "sentence_xlnet_config.json"};

/// A file of settings that is open for reading by key.
struct Settings {
  nlohmann::json json;
  std::string name;

  JsonObject object() const { return JsonObject(json, name + ": "); }
};

/// Notes the file as read.
Settings open_settings(const fs::path& file, SentencePipeline& pipeline) {
  pipeline.files.push_back(file);
  return {read_json(file), file.string()};
}

void refuse_other_keys(const JsonObject& file, const std::string& key,
                       std::initializer_list<std::string_view> harmless) {
  const auto object = file.object(key);
  if (!object) return;
  for (const auto& [name, value] : object->entries()) {
    if (std::find(harmless.begin(), harmless.end(), name) == harmless.end())
      object->refuse(name, "it is not supported");
  }
}

/// 1e30 is how tokenizers say that there is no limit.
std::optional<std::int64_t> read_length(const JsonObject& file, const std::string& key) {
  const auto length = file.number(key, 1, 1e300);
  if (!length || *length > static_cast<double>(most_tokens)) return std::nullopt;
  return file.integer(key, 1, most_tokens);
}

/// Since version 6: which function of the model is called, and which of its outputs is taken.
void check_modality(const JsonObject& file) {
  const auto modalities = file.object("modality_config");
  if (!modalities) return;
  const auto text = modalities->object("text");
  if (!text) modalities->refuse("text", "only models of texts are supported");
  if (text->text("method", "forward") != "forward") text->refuse("method", "only forward is supported");
  if (text->text("method_output_name", "last_hidden_state") != "last_hidden_state") {
    text->refuse("method_output_name", "only last_hidden_state is supported");
  }
}

void read_transformer(SentencePipeline& pipeline) {
  const auto found = std::find_if(transformer_names.begin(), transformer_names.end(),
                                  [&](const char* name) { return is_there(pipeline.transformer_folder / name); });
  if (found == transformer_names.end()) return;
  const Settings settings = open_settings(pipeline.transformer_folder / *found, pipeline);
  const JsonObject file = settings.object();
  pipeline.max_seq_length = read_length(file, "max_seq_length");
  pipeline.do_lower_case = file.flag("do_lower_case", false);
  if (file.text("transformer_task", "feature-extraction") != "feature-extraction") {
    file.refuse("transformer_task", "only feature-extraction gives embeddings");
  }
  if (file.text("module_output_name", "token_embeddings") != "token_embeddings") {
    file.refuse("module_output_name", "only token_embeddings is supported");
  }
  check_modality(file);
  for (const char* key : {"processing_kwargs", "query_length", "document_length", "query_expansion"}) {
    if (file.is_set(key)) file.refuse(key, "it is not supported");
  }
  for (const char* key : {"model_args", "model_kwargs"}) {
    refuse_other_keys(file, key,
                      {"attn_implementation", "torch_dtype", "dtype", "add_pooling_layer", "trust_remote_code",
                       "use_safetensors", "device_map", "low_cpu_mem_usage"});
  }
  for (const char* key : {"tokenizer_args", "processor_kwargs"}) {
    refuse_other_keys(file, key, {"model_max_length", "use_fast", "padding_side", "trust_remote_code"});
    const auto arguments = file.object(key);
    if (!arguments) continue;
    if (const auto length = read_length(*arguments, "model_max_length")) pipeline.max_seq_length = length;
  }
  for (const char* key : {"config_args", "config_kwargs"}) {
    refuse_other_keys(file, key, {"trust_remote_code", "use_cache"});
  }
}

PoolingMode named_pooling(const JsonObject& file, std::string_view name) {
  for (const PoolingName& row : pooling_names) {
    if (row.name == name) return row.mode;
  }
  file.refuse("pooling_mode", "known are cls, max, mean, mean_sqrt_len_tokens, weightedmean and lasttoken");
}

std::vector<PoolingMode> read_pooling_modes(const JsonObject& file) {
  std::vector<PoolingMode> modes;
  if (file.has("pooling_mode")) {
    const bool single = file.value("pooling_mode").is_string();
    const auto names = single ? std::vector{file.text("pooling_mode", "")} : *file.texts("pooling_mode");
    for (const std::string& name : names) modes.push_back(named_pooling(file, name));
    if (modes.empty() || modes.size() > pooling_names.size())
      file.refuse("pooling_mode", "it should name 1 to 6 modes");
    return modes;
  }
  for (const PoolingName& row : pooling_names) {
    if (file.flag(std::string(row.flag), false)) modes.push_back(row.mode);
  }
  // As in sentence-transformers, whose default it is.
  if (modes.empty()) modes.push_back(PoolingMode::mean);
  return modes;
}

void read_pooling(const fs::path& folder, SentencePipeline& pipeline) {
  if (!is_there(folder / "config.json")) {
    throw UsageError(
        fmt::format("{}: config.json is missing, which says how to pool; download the folder again", folder.string()));
  }
  const Settings settings = open_settings(folder / "config.json", pipeline);
  const JsonObject file = settings.object();
  pipeline.pooling = read_pooling_modes(file);
  pipeline.pooling_width = file.integer(file.either("embedding_dimension", "word_embedding_dimension"), 1, most_width);
  pipeline.include_prompt = file.flag("include_prompt", true);
}

/// Dense and Normalize work on the pooled vector unless told otherwise.
void check_input_and_output(const JsonObject& file) {
  for (const char* key : {"module_input_name", "module_output_name"}) {
    if (file.text(key, "sentence_embedding") != "sentence_embedding") {
      file.refuse(key, "only sentence_embedding is supported");
    }
  }
}

/// "torch.nn.modules.activation.Tanh"
Activation torch_activation(const JsonObject& file, const std::string& key) {
  const std::string type = file.text(key, "torch.nn.modules.activation.Tanh");
  const std::string name = type.starts_with("torch.nn.") ? type.substr(type.rfind('.') + 1) : "";
  if (name == "Identity") return Activation::identity;
  if (name == "GELU") return Activation::gelu;
  if (name == "ReLU") return Activation::relu;
  if (name == "SiLU") return Activation::silu;
  if (name == "Tanh") return Activation::tanh;
  if (name == "Sigmoid") return Activation::sigmoid;
  file.refuse(key, "supported are Identity, GELU, ReLU, SiLU, Tanh and Sigmoid of torch.nn");
}

void read_dense(const fs::path& folder, SentencePipeline& pipeline) {
  const Settings settings = open_settings(folder / "config.json", pipeline);
  const JsonObject file = settings.object();
  Dense dense;
  dense.folder = folder;
  dense.in = file.integer("in_features", 0, 1, most_width);
  dense.out = file.integer("out_features", 0, 1, most_width);
  for (const char* key : {"in_features", "out_features"}) {
    if (!file.has(key)) file.refuse(key, "it is needed");
  }
  dense.bias = file.flag("bias", true);
  dense.activation = torch_activation(file, "activation_function");
  check_input_and_output(file);
  if (file.is_set("use_residual")) file.refuse("use_residual", "it is not supported");
  if (!pipeline.dense.empty() && pipeline.dense.back().out != dense.in) {
    file.refuse("in_features", fmt::format("the layer before gives {}", pipeline.dense.back().out));
  }
  dense.normalized_input = std::exchange(pipeline.normalize, false);
  pipeline.dense.push_back(dense);
}

void read_normalize(const fs::path& folder, SentencePipeline& pipeline) {
  pipeline.normalize = true;
  if (!is_there(folder / "config.json")) return;
  const Settings settings = open_settings(folder / "config.json", pipeline);
  check_input_and_output(settings.object());
}

void read_prompts(const JsonObject& file, SentencePipeline& pipeline) {
  if (const auto prompts = file.object("prompts")) {
    for (const auto& [name, value] : prompts->entries()) pipeline.prompts[name] = prompts->text(name, "");
  }
  const std::string name = file.text("default_prompt_name", "");
  if (name.empty()) return;
  const auto found = pipeline.prompts.find(name);
  if (found == pipeline.prompts.end()) file.refuse("default_prompt_name", "prompts does not name it");
  pipeline.default_prompt = found->second;
}

}  // namespace

SentencePipeline read_sentence_pipeline(const fs::path& folder) {
  SentencePipeline pipeline;
  pipeline.transformer_folder = folder;
  if (!is_there(folder / "modules.json")) return pipeline;
  if (is_there(folder / "config_sentence_transformers.json")) {
    const Settings settings = open_settings(folder / "config_sentence_transformers.json", pipeline);
    const JsonObject file = settings.object();
    const std::string type = file.text("model_type", "SentenceTransformer");
    // A classifier like any other; its modules say nothing of embeddings.
    if (type == "CrossEncoder") {
      pipeline.cross_encoder_activation = file.text("activation_fn", "");
      return pipeline;
    }
    if (type != "SentenceTransformer") file.refuse("model_type", "only SentenceTransformer gives one vector a text");
    read_prompts(file, pipeline);
  }
  pipeline.files.push_back(folder / "modules.json");
  const std::string name = (folder / "modules.json").string();
  for (const SentenceModule& module : parse_modules(read_text(folder / "modules.json"), name)) {
    const fs::path place = module.path.empty() ? folder : folder / module.path;
    switch (module.kind) {
      case SentenceModule::Kind::transformer:
        pipeline.transformer_folder = place;
        read_transformer(pipeline);
        break;
      case SentenceModule::Kind::pooling:
        read_pooling(place, pipeline);
        break;
      case SentenceModule::Kind::dense:
        read_dense(place, pipeline);
        break;
      case SentenceModule::Kind::normalize:
        read_normalize(place, pipeline);
        break;
    }
  }
  pipeline.found = true;
  return pipeline;
}

}  // namespace farpoint::model_files
