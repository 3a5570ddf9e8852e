// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/pipeline/node.hpp"

/// Options are plain structs with their defaults in place. Each has one static list of fields, and everything else is
/// made from it: reading YAML with errors that know their place, the resolved configuration, the documentation, and the
/// fingerprint that decides whether finished work may be kept.
namespace farpoint::pipeline {

/// Whether an option can change results; those that only change speed do not enter the fingerprint.
enum class Effect { results, speed };

/// How a type is read from, written to and named in a configuration. Specialise it for own types.
template <typename T>
struct Codec;

/// One line of the documentation.
struct FieldDoc {
  std::string key;  ///< dotted for options inside options
  std::string type;
  std::string fallback;  ///< the default, as YAML
  std::string help;
  Effect effect = Effect::results;
  bool required = false;
};

template <typename Options>
struct Field {
  std::string key;
  std::string help;
  Effect effect = Effect::results;
  bool required = false;
  std::string type;
  std::function<void(Options&, const Node&, const std::string& context)> decode;
  std::function<Node(const Options&)> encode;
  /// Of an option that is a struct of options itself. Not of lists and maps of them, so these may hold their own kind.
  std::function<std::vector<FieldDoc>()> inner = nullptr;

  Field&& need() && {
    required = true;
    return std::move(*this);
  }
  Field&& speed() && {
    effect = Effect::speed;
    return std::move(*this);
  }
};

template <typename Options>
using Fields = std::vector<Field<Options>>;

/// The fields of an options struct: its own `static Fields<Self> fields();`. Specialise it for structs of other layers.
template <typename T>
struct OptionsOf {
  static auto fields() requires requires {
    { T::fields() } -> std::same_as<Fields<T>>;
  }
  { return T::fields(); }
};

template <typename T>
concept HasFields = requires {
  { OptionsOf<T>::fields() } -> std::same_as<Fields<T>>;
};

template <HasFields Options>
std::vector<FieldDoc> document(const std::string& prefix = "");

template <typename Options, typename T>
Field<Options> option(std::string key, T Options::*member, std::string help) {
  Field<Options> field;
  field.key = std::move(key);
  field.help = std::move(help);
  field.type = Codec<T>::type();
  field.decode = [member](Options& options, const Node& node, const std::string& context) {
    options.*member = Codec<T>::decode(node, context);
  };
  field.encode = [member](const Options& options) { return Codec<T>::encode(options.*member); };
  if constexpr (HasFields<T>) field.inner = [] { return document<T>(); };
  return field;
}

[[noreturn]] void throw_unknown_key(const Node::Entry& entry, const std::string& context,
                                    std::span<const std::string> known);
[[noreturn]] void throw_wrong_type(const Node& node, const std::string& context, std::string_view wanted);
/// `key` is what the map would need; empty: nothing. `is_entry`: it is one of the list that `context` names.
[[noreturn]] void throw_not_a_map(const Node& node, const std::string& context, const std::string& key, bool is_entry);
[[noreturn]] void throw_missing(const Node& node, const std::string& context, const std::string& key);

/// Throws ConfigError unless `value`, found at `place`, lies in the range. `context` names it: "select.pool_size".
void check_bounds(const Place& place, const std::string& context, std::uint64_t value, std::uint64_t lowest,
                  std::uint64_t highest);

/// The key that a map of these options must have; empty: none.
template <HasFields Options>
std::string first_required() {
  for (const auto& field : OptionsOf<Options>::fields()) {
    if (field.required) return field.key;
  }
  return "";
}

/// Reads a map into an options struct. `context` names it in errors, e.g. "embed"; empty: the whole configuration.
/// While problems are gathered (problems.hpp), what is wrong keeps its default.
template <HasFields Options>
Options decode(const Node& node, const std::string& context) {
  Options options;
  if (node.kind != Node::Kind::null && node.kind != Node::Kind::map) {
    throw_not_a_map(node, context, first_required<Options>(), false);
  }
  const auto fields = OptionsOf<Options>::fields();
  std::vector<std::string> known;
  for (const auto& field : fields) known.push_back(field.key);
  for (const auto& entry : node.entries) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.key == entry.key; });
    attempt([&] {
      if (field == fields.end()) throw_unknown_key(entry, context, known);
      field->decode(options, entry.value, context.empty() ? field->key : context + "." + field->key);
    });
  }
  for (const auto& field : fields) {
    if (!field.required || node.find(field.key) != nullptr) continue;
    attempt([&] { throw_missing(node, context, field.key); });
  }
  return options;
}

/// The options as a map; `results_only` leaves out those that only change speed.
template <HasFields Options>
Node encode(const Options& options, bool results_only = false) {
  Node node = Node::map();
  for (const auto& field : OptionsOf<Options>::fields()) {
    if (results_only && field.effect == Effect::speed) continue;
    node.set(field.key, field.encode(options));
  }
  return node;
}

template <HasFields Options>
std::vector<FieldDoc> document(const std::string& prefix) {
  std::vector<FieldDoc> docs;
  const Options defaults;
  for (const auto& field : OptionsOf<Options>::fields()) {
    if (field.inner) {
      docs.push_back({prefix + field.key, "map", "", field.help, field.effect, field.required});
      for (auto doc : field.inner()) {
        doc.key = prefix + field.key + "." + doc.key;
        docs.push_back(std::move(doc));
      }
      continue;
    }
    const Node fallback = field.encode(defaults);
    docs.push_back({prefix + field.key, field.type, field.required ? "" : to_yaml(fallback), field.help, field.effect,
                    field.required});
  }
  return docs;
}

template <>
struct Codec<bool> {
  static std::string type() { return "true or false"; }
  static bool decode(const Node& node, const std::string& context);
  static Node encode(bool value);
};
template <>
struct Codec<std::uint64_t> {
  static std::string type() { return "whole number"; }
  static std::uint64_t decode(const Node& node, const std::string& context);
  static Node encode(std::uint64_t value);
};
template <>
struct Codec<double> {
  static std::string type() { return "number"; }
  static double decode(const Node& node, const std::string& context);
  static Node encode(double value);
};
template <>
struct Codec<std::string> {
  static std::string type() { return "text"; }
  static std::string decode(const Node& node, const std::string& context);
  static Node encode(const std::string& value);
};

/// The key may be absent, and then there is no value.
template <typename T>
struct Codec<std::optional<T>> {
  static std::string type() { return Codec<T>::type(); }
  static std::optional<T> decode(const Node& node, const std::string& context) {
    if (node.kind == Node::Kind::null) return std::nullopt;
    return Codec<T>::decode(node, context);
  }
  static Node encode(const std::optional<T>& value) { return value ? Codec<T>::encode(*value) : Node{}; }
};

template <typename T>
struct Codec<std::vector<T>> {
  static std::string type() { return "list"; }
  static std::vector<T> decode(const Node& node, const std::string& context) {
    if (node.kind == Node::Kind::null) return {};
    if (node.kind != Node::Kind::list) throw_wrong_type(node, context, "a list");
    std::vector<T> values;
    for (const auto& item : node.items) {
      attempt([&] { values.push_back(decode_entry(item, context)); });
    }
    return values;
  }
  static T decode_entry(const Node& item, const std::string& context) {
    if constexpr (HasFields<T>) {
      const bool is_map = item.kind == Node::Kind::map || item.kind == Node::Kind::null;
      if (!is_map) throw_not_a_map(item, context, first_required<T>(), true);
    }
    return Codec<T>::decode(item, context);
  }
  static Node encode(const std::vector<T>& values) {
    Node node = Node::list();
    for (const auto& value : values) node.items.push_back(Codec<T>::encode(value));
    return node;
  }
};

template <typename T>
struct Codec<std::map<std::string, T>> {
  static std::string type() { return "map"; }
  static std::map<std::string, T> decode(const Node& node, const std::string& context) {
    if (node.kind == Node::Kind::null) return {};
    if (node.kind != Node::Kind::map) throw_wrong_type(node, context, "a map");
    std::map<std::string, T> values;
    for (const auto& entry : node.entries) {
      attempt([&] { values.emplace(entry.key, Codec<T>::decode(entry.value, context + "." + entry.key)); });
    }
    return values;
  }
  static Node encode(const std::map<std::string, T>& values) {
    Node node = Node::map();
    for (const auto& [key, value] : values) node.set(key, Codec<T>::encode(value));
    return node;
  }
};

template <HasFields T>
struct Codec<T> {
  static std::string type() { return "map"; }
  static T decode(const Node& node, const std::string& context) { return pipeline::decode<T>(node, context); }
  static Node encode(const T& value) { return pipeline::encode(value); }
};

/// The names of an enumeration, in the order of its values from 0. Specialise it to read the enumeration by name.
template <typename E>
struct Names;

template <typename E>
concept HasNames = std::is_enum_v<E> && requires {
  { Names<E>::values } -> std::convertible_to<std::span<const std::string_view>>;
};

std::size_t decode_name(const Node& node, const std::string& context, std::span<const std::string_view> names);
std::string join_names(std::span<const std::string_view> names);

template <HasNames E>
struct Codec<E> {
  static std::string type() { return join_names(Names<E>::values); }
  static E decode(const Node& node, const std::string& context) {
    return static_cast<E>(decode_name(node, context, Names<E>::values));
  }
  static Node encode(E value) { return Node::scalar(std::string(name_of(value))); }
  static std::string_view name_of(E value) { return Names<E>::values[static_cast<std::size_t>(value)]; }
};

}  // namespace farpoint::pipeline
