// SPDX-License-Identifier: Apache-2.0
#include "store/samples.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <system_error>

namespace farpoint::store {

using namespace std::string_view_literals;

Strings strings(std::initializer_list<std::string_view> texts) {
  Strings result;
  for (const auto text : texts) result.push_back(text);
  return result;
}

std::vector<Column> sample_columns() {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  return {
      {"id", std::vector<std::uint64_t>{0, 7, std::numeric_limits<std::uint64_t>::max()}, 0},
      {"flag", std::vector<std::uint8_t>{0, 1, 255}, 0},
      {"source_index", std::vector<std::uint32_t>{1, 2, 4294967295U}, 0},
      {"offset", std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 0, 5}, 0},
      {"scores/ppl", std::vector<double>{1.5, -infinity, infinity}, 0},
      {"scores/ppl.tokens", std::vector<double>{1e-300, 0.0, 3.0}, 0},
      {"vectors/emb", std::vector<float>{1, 2, 3, 4, 5, 6}, 2},
      {"vectors/none", std::vector<float>{}, 5},
      {"hash", std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}, 3},
      {"nothing", std::vector<double>{}, 0},
      {"text", strings({"", "zwei\nZeilen", "\U0001F600 \u4E16\u754C"}), 0},
      {"text.nul", strings({"a\0b"sv, "\0"sv, "\xff\xfe not UTF-8"}), 0},
      {"text.none", Strings(), 0},
  };
}

Attributes sample_attributes() {
  // More than eight, so that HDF5 stores them apart from the object's header.
  return {{"job", "embed"},      {"fingerprint", "0123456789abcdef"},
          {"empty", ""},         {"nul", std::string("a\0b\0", 4)},
          {"unicode", "\u00FC"}, {"counters.in", "3"},
          {"counters.out", "3"}, {"seconds", "0.25"},
          {"as", "emb"}};
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "farpoint-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryFolder::content() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace farpoint::store
