// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>

namespace farpoint::pipeline {

namespace {

const std::string& scalar_text(const Node& node, const std::string& context, std::string_view wanted) {
  if (node.kind != Node::Kind::scalar) throw_wrong_type(node, context, wanted);
  return node.text;
}

template <typename T>
T parse_number(const Node& node, const std::string& context, std::string_view wanted) {
  const auto& text = scalar_text(node, context, wanted);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (node.quoted || error != std::errc() || end != text.data() + text.size()) throw_wrong_type(node, context, wanted);
  return value;
}

/// What a list and a map look like, for those who wrote a plain value.
std::string written_as(const Node& node, const std::string& context, std::string_view wanted) {
  if (node.kind != Node::Kind::scalar || context.empty()) return "";
  if (wanted == "a map") return "; write {KEY: VALUE}";
  return wanted == "a list" ? "; write [...], or a line with '- ' for each" : "";
}

std::string found_in(const Node& node) {
  return node.kind == Node::Kind::scalar ? fmt::format("'{}'", node.text) : std::string(node.kind_name());
}

/// The root has no name of its own.
std::string quoted(const std::string& context) {
  return context.empty() ? "the configuration" : "'" + context + "'";
}

}  // namespace

void throw_unknown_key(const Node::Entry& entry, const std::string& context, std::span<const std::string> known) {
  auto hint = suggestion(entry.key, known);
  if (hint.empty()) hint = fmt::format("; known are {}", fmt::join(known, ", "));
  throw ConfigError(entry.place, fmt::format("unknown key '{}' in {}{}", entry.key, quoted(context), hint));
}

void throw_wrong_type(const Node& node, const std::string& context, std::string_view wanted) {
  throw ConfigError(node.place, fmt::format("{} must be {}, not {}{}", quoted(context), wanted, found_in(node),
                                            written_as(node, context, wanted)));
}

void throw_not_a_map(const Node& node, const std::string& context, const std::string& key, bool is_entry) {
  const bool is_value = node.kind == Node::Kind::scalar && !key.empty();
  const auto hint =
      is_value ? fmt::format("; write {{{}: {}}}", key, to_yaml(node)) : written_as(node, context, "a map");
  throw ConfigError(node.place, fmt::format("{}{} must be a map, not {}{}", is_entry ? "each entry of " : "",
                                            quoted(context), found_in(node), hint));
}

void throw_missing(const Node& node, const std::string& context, const std::string& key) {
  throw ConfigError(node.place, fmt::format("{} needs the key '{}'", quoted(context), key));
}

void check_bounds(const Place& place, const std::string& context, std::uint64_t value, std::uint64_t lowest,
                  std::uint64_t highest) {
  if (value >= lowest && value <= highest) return;
  throw ConfigError(place, fmt::format("'{}' must be between {} and {}, not {}", context, lowest, highest, value));
}

bool Codec<bool>::decode(const Node& node, const std::string& context) {
  const auto& text = scalar_text(node, context, type());
  if (!node.quoted && text == "true") return true;
  if (!node.quoted && text == "false") return false;
  throw_wrong_type(node, context, type());
}

Node Codec<bool>::encode(bool value) {
  return Node::scalar(value ? "true" : "false");
}

std::uint64_t Codec<std::uint64_t>::decode(const Node& node, const std::string& context) {
  return parse_number<std::uint64_t>(node, context, "a whole number that is not negative");
}

Node Codec<std::uint64_t>::encode(std::uint64_t value) {
  return Node::scalar(std::to_string(value));
}

double Codec<double>::decode(const Node& node, const std::string& context) {
  const auto value = parse_number<double>(node, context, "a number");
  if (!std::isfinite(value)) throw_wrong_type(node, context, "a finite number");
  return value;
}

Node Codec<double>::encode(double value) {
  return Node::scalar(fmt::format("{}", value));
}

std::string Codec<std::string>::decode(const Node& node, const std::string& context) {
  return scalar_text(node, context, "text");
}

Node Codec<std::string>::encode(const std::string& value) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./*";
  // A leading dash or star means something else to YAML.
  const bool is_plain = value.find_first_not_of(plain) == std::string::npos && value.find_first_of("-*") != 0;
  return Node::scalar(value, !is_plain);
}

std::size_t decode_name(const Node& node, const std::string& context, std::span<const std::string_view> names) {
  const auto& text = scalar_text(node, context, join_names(names));
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return i;
  }
  const std::vector<std::string> known(names.begin(), names.end());
  throw ConfigError(node.place, fmt::format("'{}' must be {}, not '{}'{}", context, join_names(names), text,
                                            suggestion(text, known)));
}

std::string join_names(std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(names, " or "));
}

}  // namespace farpoint::pipeline
