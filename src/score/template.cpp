// SPDX-License-Identifier: Apache-2.0
#include "farpoint/score/template.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "farpoint/base/error.hpp"

namespace farpoint::score {

namespace {

constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz_";

/// The name in braces with which `text` begins; empty: it begins with none.
std::string_view name_at(std::string_view text) {
  if (!text.starts_with('{')) return {};
  const auto end = text.find_first_not_of(name_characters, 1);
  return end != std::string_view::npos && text[end] == '}' ? text.substr(1, end - 1) : std::string_view();
}

std::size_t place_of(std::string_view name, std::span<const std::string_view> fields) {
  const auto found = std::find(fields.begin(), fields.end(), name);
  if (found == fields.end()) {
    throw UsageError(fmt::format("no field '{{{}}}'; there are {{{}}}", name, fmt::join(fields, "}, {")));
  }
  return static_cast<std::size_t>(found - fields.begin());
}

}  // namespace

Template::Template(std::string_view text, std::span<const std::string_view> fields) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    lines_.push_back(read_line(text.substr(begin, end - begin), fields));
    begin = end + 1;
  }
}

Template::Line Template::read_line(std::string_view text, std::span<const std::string_view> fields) {
  Line line;
  std::string literal;
  for (std::size_t i = 0; i < text.size();) {
    const auto name = name_at(text.substr(i));
    if (name.empty()) {
      literal += text[i++];
      continue;
    }
    if (!literal.empty()) line.push_back({std::exchange(literal, {}), {}});
    line.push_back({{}, place_of(name, fields)});
    i += name.size() + 2;
  }
  if (!literal.empty()) line.push_back({literal, {}});
  return line;
}

bool Template::uses(std::size_t field) const {
  return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
    return std::any_of(line.begin(), line.end(), [&](const Piece& piece) { return piece.field == field; });
  });
}

std::string Template::fill(std::span<const std::string_view> values) const {
  std::string text;
  bool is_first = true;
  for (const auto& line : lines_) {
    const auto is_missing = [&](const Piece& piece) { return piece.field && values[*piece.field].empty(); };
    if (std::any_of(line.begin(), line.end(), is_missing)) continue;
    if (!std::exchange(is_first, false)) text += '\n';
    for (const auto& piece : line) text += piece.field ? values[*piece.field] : std::string_view(piece.text);
  }
  return text;
}

}  // namespace farpoint::score
