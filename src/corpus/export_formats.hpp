// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "farpoint/corpus/record.hpp"

namespace farpoint::corpus {

// The record's turns as one training format has them (docs/formats.md, "Exports").
nlohmann::ordered_json to_alpaca(const Record& record);
nlohmann::ordered_json to_xtuner(const Record& record);
nlohmann::ordered_json to_sharegpt(const Record& record);
nlohmann::ordered_json to_messages(const Record& record);

}  // namespace farpoint::corpus
