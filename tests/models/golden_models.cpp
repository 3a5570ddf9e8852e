// SPDX-License-Identifier: Apache-2.0
#include "golden_models.hpp"

#include <algorithm>
#include <fstream>

namespace farpoint {

GoldenModel golden_model(const std::string& name) {
  const auto folder = std::filesystem::path(GOLDEN_MODELS) / name;
  std::ifstream file(folder / "expected.json");
  return {name, folder, nlohmann::json::parse(file)};
}

std::vector<GoldenModel> golden_models(const std::string& task) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(GOLDEN_MODELS)) {
    if (std::filesystem::exists(entry.path() / "expected.json")) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  std::vector<GoldenModel> models;
  for (const auto& name : names) {
    auto model = golden_model(name);
    if (model.task() == task) models.push_back(std::move(model));
  }
  return models;
}

}  // namespace farpoint
