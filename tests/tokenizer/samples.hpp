// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/tokenizer/tokenizer.hpp"

namespace farpoint::tokenizer {

inline const std::filesystem::path golden_folder = TOKENIZER_GOLDEN_DIR;

/// The tokenizers of tests/golden/make_tokenizer_goldens.py.
inline const std::vector<std::string> golden_names = {"wordpiece", "byte_level", "roberta",
                                                      "llama3",    "llama2",     "unigram"};

nlohmann::json read_json(const std::filesystem::path& file);
Tokenizer golden_tokenizer(const std::string& name);
std::vector<std::string> golden_texts();
std::vector<std::string_view> views(const std::vector<std::string>& texts);
/// The ids of each record.
std::vector<std::vector<std::uint32_t>> rows(const TokenLists& lists);
std::vector<std::uint32_t> encode_one(const Tokenizer& tokenizer, std::string_view text,
                                      const EncodeOptions& options = {});

}  // namespace farpoint::tokenizer
