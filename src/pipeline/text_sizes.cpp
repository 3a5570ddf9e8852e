// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/text_sizes.hpp"

#include <fmt/format.h>

#include <bit>
#include <cinttypes>
#include <cstdio>
#include <sstream>

namespace farpoint::pipeline {

void TextSizes::add(std::uint64_t bytes) {
  auto& found = classes_[static_cast<int>(std::bit_width(bytes))];
  ++found.records;
  found.bytes += bytes;
}

double TextSizes::cost(const std::function<double(double bytes)>& cost) const {
  double sum = 0;
  for (const auto& [bits, found] : classes_) {
    const auto records = static_cast<double>(found.records);
    sum += records * cost(static_cast<double>(found.bytes) / records);
  }
  return sum;
}

std::string TextSizes::to_text() const {
  std::string text;
  for (const auto& [bits, found] : classes_) {
    text += fmt::format("{}{}:{}:{}", text.empty() ? "" : " ", bits, found.records, found.bytes);
  }
  return text;
}

TextSizes TextSizes::from_text(std::string_view text) {
  TextSizes sizes;
  std::istringstream words{std::string(text)};
  std::string word;
  while (words >> word) {
    int bits = 0, length = 0;
    Class one{};
    const int found =
        std::sscanf(word.c_str(), "%d:%" SCNu64 ":%" SCNu64 "%n", &bits, &one.records, &one.bytes, &length);
    if (found != 3 || length != static_cast<int>(word.size()) || one.records == 0) return {};
    sizes.classes_[bits] = one;
  }
  return sizes;
}

}  // namespace farpoint::pipeline
