// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace farpoint {

/// A tiny folder with random weights, and what transformers computes from it (tests/golden/models/README.md).
struct GoldenModel {
  std::string name;
  std::filesystem::path folder;
  nlohmann::json expected;

  std::string task() const { return expected.at("task"); }
  std::vector<std::string> texts() const { return expected.at("texts"); }
};

/// For GoogleTest's messages.
inline void PrintTo(const GoldenModel& model, std::ostream* to) {
  *to << model.name;
}

/// Those whose task is `task`, by name.
std::vector<GoldenModel> golden_models(const std::string& task);
GoldenModel golden_model(const std::string& name);

inline std::vector<std::string_view> views_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace farpoint
