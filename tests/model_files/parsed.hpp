// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "farpoint/base/error.hpp"
#include "farpoint/model_files/model_config.hpp"

namespace farpoint::model_files {

/// A config.json of this model type, with these keys beside.
inline ModelConfig parsed(const std::string& model_type, nlohmann::json keys = nlohmann::json::object()) {
  keys["model_type"] = model_type;
  return parse_model_config(keys.dump(), "config.json");
}

/// That it is refused, in a message with the file's name and these words.
inline void expect_refused(const std::string& model_type, const nlohmann::json& keys, const std::string& words) {
  EXPECT_THAT([&] { parsed(model_type, keys); }, testing::ThrowsMessage<UsageError>(testing::AllOf(
                                                     testing::HasSubstr("config.json: "), testing::HasSubstr(words))))
      << keys;
}

}  // namespace farpoint::model_files
