// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "farpoint/model_files/sentence_pipeline.hpp"
#include "json.hpp"

namespace farpoint::model_files {

namespace {

using Kind = SentenceModule::Kind;

constexpr std::size_t most_modules = 100;

/// Class names have moved between packages (sentence_transformers.models.Pooling, sentence_transformers.
/// sentence_transformer.modules.pooling.Pooling, ...); the last part has not.
Kind kind_of(const JsonObject& module) {
  const std::string type = module.text("type", "");
  const std::string name = type.substr(type.rfind('.') + 1);
  if (type.starts_with("sentence_transformers.")) {
    if (name == "Transformer") return Kind::transformer;
    if (name == "Pooling") return Kind::pooling;
    if (name == "Dense") return Kind::dense;
    if (name == "Normalize") return Kind::normalize;
  }
  module.refuse("type", "supported are Transformer, Pooling, Dense and Normalize of sentence_transformers");
}

std::filesystem::path path_of(const JsonObject& module) {
  std::filesystem::path path = module.text("path", "");
  const bool leaves = path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end() ||
                      path.native().find('\0') != std::string::npos;
  if (leaves) module.refuse("path", "it should be a folder within the model's");
  return path;
}

[[noreturn]] void refuse_order(const std::string& file, std::string_view why) {
  throw UsageError(fmt::format(
      "{}: {}; supported are Transformer, then Pooling, then any number of Dense and Normalize", file, why));
}

void check_order(const std::vector<SentenceModule>& modules, const std::string& file) {
  if (modules.empty() || modules[0].kind != Kind::transformer)
    refuse_order(file, "a Transformer is not the first module");
  if (modules.size() < 2 || modules[1].kind != Kind::pooling) {
    refuse_order(file, "a Pooling does not follow the Transformer");
  }
  for (std::size_t i = 2; i < modules.size(); ++i) {
    if (modules[i].kind < Kind::dense) refuse_order(file, "there are two of one kind");
  }
}

}  // namespace

std::vector<SentenceModule> parse_modules(std::string_view text, const std::string& name) {
  const nlohmann::json json = parse_json(text, name);
  if (!json.is_array() || json.size() > most_modules) {
    throw UsageError(fmt::format("{}: should be a list of modules, not {}", name, shown(json)));
  }
  std::vector<SentenceModule> modules;
  for (const auto& item : json) {
    const JsonObject module(item, fmt::format("{}: module {}: ", name, modules.size()));
    modules.push_back({kind_of(module), path_of(module)});
  }
  check_order(modules, name);
  return modules;
}

}  // namespace farpoint::model_files
