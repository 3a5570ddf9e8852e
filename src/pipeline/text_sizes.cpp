// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/text_sizes.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <optional>
#include <sstream>
#include <string_view>

namespace farpoint::pipeline {

namespace {

/// Takes the number that `text` begins with, and `behind`, which must follow it.
template <typename T>
std::optional<T> take_number(std::string_view& text, std::string_view behind) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(behind)) return std::nullopt;
  text.remove_prefix(behind.size());
  return value;
}

}  // namespace

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
    std::string_view rest = word;
    const auto bits = take_number<int>(rest, ":");
    const auto records = take_number<std::uint64_t>(rest, ":");
    const auto bytes = take_number<std::uint64_t>(rest, "");
    if (!bits || !records || !bytes || !rest.empty() || *records == 0) return {};
    sizes.classes_[*bits] = {*records, *bytes};
  }
  return sizes;
}

}  // namespace farpoint::pipeline
