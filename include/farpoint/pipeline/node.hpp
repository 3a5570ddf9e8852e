// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/pipeline/problems.hpp"

namespace farpoint::pipeline {

/// A value of a configuration: what YAML says, before anybody gives it a meaning. Plain data.
struct Node {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  std::string text;            ///< of a scalar
  bool quoted = false;         ///< a quoted scalar is text, whatever it looks like
  std::vector<Node> items;     ///< of a list
  std::vector<Entry> entries;  ///< of a map, in order
  Place place;

  static Node scalar(std::string text, bool quoted = false);
  static Node map();
  static Node list();

  const Node* find(std::string_view key) const;
  /// Where the value at a dotted path of keys stands, or the last value on the way that there is.
  const Place& place_of(std::string_view path) const;
  /// Adds or replaces the entry.
  Node& set(std::string key, Node value);
  std::string_view kind_name() const;
};

struct Node::Entry {
  std::string key;
  Node value;
  Place place;  ///< of the key
};

/// Throws ConfigError with line and column for text that is not YAML, for duplicate keys and second documents, and for
/// aliases that never end or stand for too much. Nothing at all is a null node.
Node parse_yaml(std::string_view text, const std::string& file_name);

std::string to_yaml(const Node& node);

/// Sets the value at a dotted path, as `--set` does: keys of maps, numbers (from 0) into lists, and at the top also the
/// name of a job, which means its first entry in the pipeline: "run.seed", "select.budget.records",
/// "pipeline.1.embed.as". `value` is YAML; errors about it name the path instead of a line. Throws UsageError naming
/// the part of the path that does not exist.
void set_by_path(Node& root, std::string_view path, std::string_view value);

/// The candidate nearest to `word` by edit distance as " (did you mean 'model'?)", or "" when none is near.
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace farpoint::pipeline
