// SPDX-License-Identifier: Apache-2.0
#include "samples.hpp"

#include <fstream>

namespace farpoint::tokenizer {

nlohmann::json read_json(const std::filesystem::path& file) {
  std::ifstream in(file);
  return nlohmann::json::parse(in);
}

Tokenizer golden_tokenizer(const std::string& name) {
  return Tokenizer(golden_folder / name / "tokenizer.json");
}

std::vector<std::string> golden_texts() {
  return read_json(golden_folder / "texts.json").get<std::vector<std::string>>();
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

std::vector<std::vector<std::uint32_t>> rows(const TokenLists& lists) {
  std::vector<std::vector<std::uint32_t>> out;
  for (std::size_t i = 0; i < lists.size(); ++i) out.emplace_back(lists[i].begin(), lists[i].end());
  return out;
}

std::vector<std::uint32_t> encode_one(const Tokenizer& tokenizer, std::string_view text, const EncodeOptions& options) {
  return tokenizer.encode(std::span(&text, 1), options).ids;
}

}  // namespace farpoint::tokenizer
