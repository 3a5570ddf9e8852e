// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "farpoint/model_files/model_folder.hpp"
#include "json.hpp"

namespace farpoint::model_files {

namespace {

/// A number or a list of numbers; transformers writes -1 where there is none.
std::vector<std::uint32_t> read_end_tokens(const std::filesystem::path& file) {
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  const std::string key = "eos_token_id";
  const nlohmann::json json = read_json(file);
  const JsonObject object(json, file.string() + ": ");
  const auto& value = object.value(key);
  if (value.is_null()) return {};
  std::vector<std::uint32_t> tokens;
  for (const auto& one : value.is_array() ? value : nlohmann::json::array({value})) {
    if (!one.is_number_integer() || one < -1 || one > most) object.refuse(key, "it must be a token's number or a list");
    if (one >= 0) tokens.push_back(one.get<std::uint32_t>());
  }
  return tokens;
}

}  // namespace

GenerationSettings read_generation_settings(const ModelFolder& folder) {
  GenerationSettings settings;
  const auto& place = folder.sentence.transformer_folder;
  const auto file = place / "generation_config.json";
  if (is_there(file)) {
    settings.files.push_back(file);
    settings.end_tokens = read_end_tokens(file);
  }
  if (settings.end_tokens.empty()) settings.end_tokens = read_end_tokens(place / "config.json");
  return settings;
}

}  // namespace farpoint::model_files
