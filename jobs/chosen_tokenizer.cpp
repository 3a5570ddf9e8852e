// SPDX-License-Identifier: Apache-2.0
#include "chosen_tokenizer.hpp"

#include <fmt/format.h>

#include "farpoint/base/error.hpp"

namespace farpoint::jobs {

using namespace pipeline;

ChosenTokenizer choose_tokenizer(const std::string& job, const std::string& name, const Node& where,
                                 const JobSetup& setup, const std::string& key) {
  const auto& models = setup.config->models;
  const auto model = models.find(name);
  if (model == models.end()) {
    std::vector<std::string> names;
    for (const auto& [known, unused] : models) names.push_back(known);
    throw ConfigError(where.place_of(key), fmt::format("'{}.{}': there is no model '{}' under 'models'{}", job, key,
                                                       name, suggestion(name, names)));
  }
  ChosenTokenizer chosen;
  chosen.file = setup.config->folder / model->second.path / "tokenizer.json";
  if (setup.finished != nullptr) return chosen;
  try {
    chosen.tokenizer = std::make_shared<const tokenizer::Tokenizer>(chosen.file);
  } catch (const Error& error) {
    throw ConfigError(where.place_of(key), fmt::format("'{}.{}': {}", job, key, error.what()));
  }
  return chosen;
}

}  // namespace farpoint::jobs
