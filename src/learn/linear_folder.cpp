// SPDX-License-Identifier: Apache-2.0
#include "farpoint/learn/linear_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/model_files/model_folder.hpp"
#include "farpoint/model_files/safetensors_writer.hpp"
#include "farpoint/model_files/weights.hpp"

namespace farpoint::learn {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using model_files::ModelFolder;
using model_files::PoolingMode;
using model_files::ProblemType;

/// Beside modules.json in folders that are written here; others are not replaced.
constexpr const char* mark_file = "farpoint.json";
constexpr const char* transformer_file = "sentence_bert_config.json";

Json read(const fs::path& file) {
  return Json::parse(read_file(file));
}

Json read_if_there(const fs::path& file) {
  return fs::exists(file) ? read(file) : Json::object();
}

void write(const fs::path& file, const Json& json) {
  write_file(file, json.dump(2) + "\n");
}

/// Through AtomicFile, which flushes. Links are followed.
void copy_whole(const fs::path& from, const fs::path& to) {
  std::ifstream in(from, std::ios::binary);
  if (!in) throw Error(fmt::format("{}: cannot be read", from.string()));
  AtomicFile out(to);
  std::vector<char> piece(1 << 20);
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    out.write({piece.data(), static_cast<std::size_t>(in.gcount())});
  }
  if (in.bad()) throw Error(fmt::format("{}: cannot be read to its end", from.string()));
  out.commit();
}

/// Settings and tokenizers, and the terms they come under.
bool is_copied(const fs::path& file) {
  const std::string name = file.filename().string();
  const std::string extension = file.extension().string();
  if (name.starts_with("LICENSE") || name.starts_with("NOTICE")) return true;
  return extension == ".json" ? !name.ends_with(".safetensors.index.json") && name != "modules.json"
                              : extension == ".txt" || extension == ".model" || extension == ".jinja";
}

/// What lies directly in a module's folder; weights only if it has any.
void copy_module(const fs::path& from, const fs::path& to, bool has_weights) {
  if (!fs::is_directory(from)) return;
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.is_regular_file() && is_copied(entry.path())) copy_whole(entry.path(), to / entry.path().filename());
  }
  if (!has_weights) return;
  for (const auto& file : model_files::weight_files(from)) copy_whole(file, to / file.filename());
  const fs::path index = from / "model.safetensors.index.json";
  if (fs::exists(index) && !fs::exists(from / "model.safetensors")) copy_whole(index, to / index.filename());
}

/// An entry of modules.json under the class names that all versions of sentence-transformers know.
Json module_entry(std::size_t index, const std::string& kind, const std::string& path) {
  return {{"idx", index},
          {"name", std::to_string(index)},
          {"path", path},
          {"type", "sentence_transformers.models." + kind}};
}

Json pooling_settings(PoolingMode mode, std::int64_t width) {
  constexpr std::array flags = {
      std::pair{PoolingMode::cls, "pooling_mode_cls_token"},
      std::pair{PoolingMode::mean, "pooling_mode_mean_tokens"},
      std::pair{PoolingMode::max, "pooling_mode_max_tokens"},
      std::pair{PoolingMode::mean_sqrt_len, "pooling_mode_mean_sqrt_len_tokens"},
      std::pair{PoolingMode::weighted_mean, "pooling_mode_weightedmean_tokens"},
      std::pair{PoolingMode::last_token, "pooling_mode_lasttoken"},
  };
  Json settings = {{"word_embedding_dimension", width}};
  for (const auto& [flagged, flag] : flags) settings[flag] = flagged == mode;
  return settings;
}

/// Writes the files of one folder, under its temporary name.
class Writer {
 public:
  Writer(const ModelFolder& encoder, const LinearFolder& facts, fs::path folder)
      : encoder_(encoder), facts_(facts), folder_(std::move(folder)) {}

  void write_encoder() {
    copy_module(encoder_.path, folder_, false);
    modules_ = encoder_.sentence.found ? read(encoder_.path / "modules.json") : bare_modules();
    for (const auto& module : modules_) {
      const std::string path = module.value("path", "");
      const std::string type = module.value("type", "");
      const bool has_weights = type.ends_with(".Transformer") || type.ends_with(".Dense");
      copy_module(encoder_.path / path, folder_ / path, has_weights);
      if (type.ends_with(".Pooling")) write_pooling(folder_ / path / "config.json");
    }
    write_lengths();
    write_prompt();
  }

  void write_dense(const LinearModel& model) {
    const std::string path = fmt::format("{}_Dense", modules_.size());
    modules_.push_back(module_entry(modules_.size(), "Dense", path));
    write(folder_ / "modules.json", modules_);
    write(folder_ / path / "config.json", {{"in_features", model.width},
                                           {"out_features", model.outputs()},
                                           {"bias", true},
                                           {"activation_function", "torch.nn.modules.linear.Identity"}});
    const std::vector<float> weights(model.weights.begin(), model.weights.end());
    const std::vector<float> biases(model.biases.begin(), model.biases.end());
    const auto outputs = static_cast<std::int64_t>(model.outputs());
    const std::array tensors = {
        model_files::NewTensor{"linear.weight",
                               model_files::Dtype::f32,
                               {outputs, static_cast<std::int64_t>(model.width)},
                               std::as_bytes(std::span(weights))},
        model_files::NewTensor{"linear.bias", model_files::Dtype::f32, {outputs}, std::as_bytes(std::span(biases))}};
    model_files::write_safetensors(folder_ / path / "model.safetensors", tensors);
  }

  void write_labels() {
    const fs::path file = transformer_folder() / "config.json";
    Json config = read(file);
    Json id2label = Json::object();
    Json label2id = Json::object();
    for (std::size_t k = 0; k < facts_.labels.size(); ++k) {
      id2label[std::to_string(k)] = facts_.labels[k];
      label2id[facts_.labels[k]] = k;
    }
    config["id2label"] = id2label;
    config["label2id"] = label2id;
    config["num_labels"] = facts_.labels.size();
    config["problem_type"] = facts_.problem == ProblemType::regression    ? "regression"
                             : facts_.problem == ProblemType::multi_label ? "multi_label_classification"
                                                                          : "single_label_classification";
    write(file, config);
    write(folder_ / mark_file, {{"model", "linear"}});
  }

 private:
  /// It is the first of the modules.
  fs::path transformer_folder() const { return folder_ / modules_.at(0).value("path", ""); }

  /// Of a folder that has no modules.json.
  static Json bare_modules() {
    return Json::array({module_entry(0, "Transformer", ""), module_entry(1, "Pooling", "1_Pooling")});
  }

  void write_pooling(const fs::path& file) {
    if (encoder_.sentence.found && !facts_.embedder.pooling) return;
    Json settings = pooling_settings(facts_.embedder.pooling.value_or(PoolingMode::mean), encoder_.config.hidden_size);
    settings["include_prompt"] = encoder_.sentence.include_prompt;
    write(file, settings);
  }

  /// Only where the folder does not say it already.
  void write_lengths() {
    if (encoder_.sentence.max_seq_length && !facts_.embedder.max_tokens) return;
    const fs::path file = transformer_folder() / transformer_file;
    Json settings = read_if_there(file);
    settings["max_seq_length"] = facts_.embedder.max_tokens.value_or(encoder_.max_tokens);
    settings["do_lower_case"] = encoder_.sentence.do_lower_case;
    for (const char* key : {"tokenizer_args", "processor_kwargs"}) {
      if (settings.contains(key) && settings[key].is_object()) settings[key].erase("model_max_length");
    }
    write(file, settings);
  }

  void write_prompt() {
    if (!facts_.embedder.prompt) return;
    const fs::path file = folder_ / "config_sentence_transformers.json";
    Json settings = read_if_there(file);
    settings["prompts"]["farpoint"] = *facts_.embedder.prompt;
    settings["default_prompt_name"] = "farpoint";
    write(file, settings);
  }

  const ModelFolder& encoder_;
  const LinearFolder& facts_;
  fs::path folder_;
  Json modules_;
};

std::int64_t width_of(const ModelFolder& encoder, const LinearFolder& facts) {
  if (!encoder.sentence.dense.empty()) return encoder.sentence.dense.back().out;
  const bool several = encoder.sentence.found && !facts.embedder.pooling;
  return encoder.config.hidden_size * static_cast<std::int64_t>(several ? encoder.sentence.pooling.size() : 1);
}

void check_model(const LinearModel& model, const ModelFolder& encoder, const LinearFolder& facts) {
  const std::int64_t width = width_of(encoder, facts);
  if (static_cast<std::int64_t>(model.width) != width) {
    throw Error(fmt::format("{}: gives vectors of {} numbers, but the model takes {}", encoder.path.string(), width,
                            model.width));
  }
  if (facts.labels.size() != model.outputs()) {
    throw Error(fmt::format("{} labels for a model of {} outputs", facts.labels.size(), model.outputs()));
  }
  auto labels = facts.labels;
  std::sort(labels.begin(), labels.end());
  const auto twice = std::adjacent_find(labels.begin(), labels.end());
  if (twice != labels.end()) throw Error(fmt::format("two labels are named '{}'", *twice));
  for (const auto* numbers : {&model.weights, &model.biases}) {
    for (const double number : *numbers) {
      if (std::isfinite(static_cast<float>(number))) continue;
      throw Error(
          fmt::format("a weight of the linear model is {}, which float32 does not hold; scale its features", number));
    }
  }
}

/// Moves the finished folder to its name.
void put_in_place(const fs::path& finished, const fs::path& folder) {
  const fs::path old = finished.string() + ".old";
  const bool replaces = fs::exists(folder);
  if (replaces) fs::rename(folder, old);
  fs::rename(finished, folder);
  if (replaces) fs::remove_all(old);
}

}  // namespace

void save_linear_folder(const LinearModel& model, const LinearFolder& facts, const fs::path& folder) {
  const ModelFolder encoder = model_files::open_model_folder(facts.encoder);
  check_model(model, encoder, facts);
  const fs::path target = target_of(folder);
  if (fs::exists(target) && !fs::is_empty(target) && !fs::exists(target / mark_file)) {
    throw Error(
        fmt::format("{}: is there already, and is no model that Farpoint saved; move it away", target.string()));
  }
  const fs::path temporary = temporary_name(target);
  const auto clean_up = [&] {
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
  };
  clean_up();
  try {
    Writer writer(encoder, facts, temporary);
    writer.write_encoder();
    writer.write_dense(model);
    writer.write_labels();
    put_in_place(temporary, target);
  } catch (const fs::filesystem_error& error) {
    clean_up();
    throw Error(fmt::format("{}: cannot be written: {}", target.string(), error.what()));
  } catch (...) {
    clean_up();
    throw;
  }
}

}  // namespace farpoint::learn
