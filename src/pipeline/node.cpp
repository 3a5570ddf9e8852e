// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/node.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <sstream>

namespace farpoint::pipeline {

namespace {

/// Aliases can refer to what they stand in, and a few lines of them can stand for billions of values.
constexpr int deepest_level = 64;
constexpr std::size_t most_values = 1U << 18;

using FileName = std::shared_ptr<const std::string>;

Place place_at(const FileName& file, const YAML::Mark& mark) {
  return {file, mark.line + 1, mark.column + 1};
}

/// Takes note of where the last document began.
class DocumentStart final : public YAML::EventHandler {
 public:
  YAML::Mark mark;

  void OnDocumentStart(const YAML::Mark& start) override { mark = start; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// Throws ConfigError for anything behind the first document. Not by YAML::LoadAll(): before a comma that belongs to
/// nothing, yaml-cpp 0.7 finds documents without an end.
void check_single_document(const std::string& text, const FileName& file) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart start;
  if (!parser.HandleNextDocument(start) || !parser.HandleNextDocument(start)) return;
  const auto at = static_cast<std::size_t>(std::max(start.mark.pos, 0));
  throw ConfigError(place_at(file, start.mark), at < text.size() && text[at] == ','
                                                    ? "this is not YAML: a comma stands here between nothing"
                                                    : "a second document ('---') begins here; only one is read");
}

/// Makes our nodes of yaml-cpp's.
class Converter {
 public:
  explicit Converter(FileName file) : file_(std::move(file)) {}

  Node convert(const YAML::Node& yaml, int level = 0) {
    Node node;
    node.place = place_at(file_, yaml.Mark());
    if (level > deepest_level) {
      throw ConfigError(node.place, fmt::format("this stands more than {} levels deep; an alias (*name) must not "
                                                "refer to what it stands in",
                                                deepest_level));
    }
    if (++values_ > most_values) {
      throw ConfigError(node.place, fmt::format("with its aliases (*name) written out, this file has more than {} "
                                                "values; name files with globs instead",
                                                most_values));
    }
    fill(node, yaml, level);
    return node;
  }

 private:
  void fill(Node& node, const YAML::Node& yaml, int level) {
    switch (yaml.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        node.kind = Node::Kind::scalar;
        node.text = yaml.Scalar();
        node.quoted = yaml.Tag() == "!";
        break;
      case YAML::NodeType::Sequence:
        node.kind = Node::Kind::list;
        for (const auto& item : yaml) node.items.push_back(convert(item, level + 1));
        break;
      case YAML::NodeType::Map:
        node.kind = Node::Kind::map;
        fill_map(node, yaml, level);
        break;
    }
  }

  void fill_map(Node& node, const YAML::Node& yaml, int level) {
    for (const auto& pair : yaml) {
      const Place place = place_at(file_, pair.first.Mark());
      const bool is_new = attempt([&] {
        if (!pair.first.IsScalar()) throw ConfigError(place, "a key must be plain text");
        if (node.find(pair.first.Scalar()) == nullptr) return;
        throw ConfigError(place, fmt::format("the key '{}' stands here twice", pair.first.Scalar()));
      });
      // Not inside: what is too deep or too much must end it all.
      if (is_new) node.entries.push_back({pair.first.Scalar(), convert(pair.second, level + 1), place});
    }
  }

  FileName file_;
  std::size_t values_ = 0;
};

/// `line` counts from 0.
bool is_indented_by_tab(std::string_view text, int line) {
  for (; line > 0 && !text.empty(); --line) text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
  return text.substr(0, text.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

/// True for scalars that YAML would read as something other than text.
bool needs_quotes(const Node& node) {
  static constexpr std::string_view reserved[] = {"", "~", "null", "Null", "NULL"};
  const bool is_like_a_document = node.text.starts_with("---") || node.text.starts_with("...");
  return node.quoted || is_like_a_document ||
         std::find(std::begin(reserved), std::end(reserved), node.text) != std::end(reserved);
}

void emit(YAML::Emitter& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      out << YAML::Null;
      break;
    case Node::Kind::scalar:
      if (needs_quotes(node)) out << YAML::DoubleQuoted;
      out << node.text;
      break;
    case Node::Kind::list: {
      const bool flow = std::all_of(node.items.begin(), node.items.end(),
                                    [](const Node& item) { return item.kind == Node::Kind::scalar; });
      if (flow) out << YAML::Flow;
      out << YAML::BeginSeq;
      for (const auto& item : node.items) emit(out, item);
      out << YAML::EndSeq;
      break;
    }
    case Node::Kind::map:
      if (node.entries.empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (const auto& entry : node.entries) {
        out << YAML::Key << entry.key << YAML::Value;
        emit(out, entry.value);
      }
      out << YAML::EndMap;
      break;
  }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

/// The first entry of the pipeline whose job is `name`, also inside `parallel:`.
Node* find_job(Node& root, std::string_view name) {
  const Node* pipeline = root.find("pipeline");
  if (pipeline == nullptr) return nullptr;
  std::vector<Node*> lists{const_cast<Node*>(pipeline)};
  for (std::size_t i = 0; i < lists.size(); ++i) {
    for (auto& item : lists[i]->items) {
      if (item.entries.size() != 1) continue;
      auto& entry = item.entries.front();
      if (entry.key == name) return &entry.value;
      if (entry.key == "parallel") lists.push_back(&entry.value);
    }
  }
  return nullptr;
}

/// The child of `node` that one part of a path names; maps grow, lists do not. `place` is that of what grows.
Node& step(Node& node, std::string_view part, std::string_view path, const Place& place) {
  if (node.kind == Node::Kind::list) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (error == std::errc() && end == part.data() + part.size() && index < node.items.size()) return node.items[index];
    throw UsageError(fmt::format("--set {}: '{}' is not one of the {} entries of the list (they count from 0)", path,
                                 part, node.items.size()));
  }
  if (node.kind == Node::Kind::scalar) {
    throw UsageError(fmt::format("--set {}: '{}' stands below the plain value '{}'", path, part, node.text));
  }
  node.kind = Node::Kind::map;
  if (const Node* child = node.find(part)) return const_cast<Node&>(*child);
  Node child;
  child.place = place;
  node.entries.push_back({std::string(part), std::move(child), place});
  return node.entries.back().value;
}

/// Gives everything in `node` one place.
void put_at(Node& node, const Place& place) {
  node.place = place;
  for (auto& item : node.items) put_at(item, place);
  for (auto& entry : node.entries) {
    entry.place = place;
    put_at(entry.value, place);
  }
}

}  // namespace

Node Node::map() {
  Node node;
  node.kind = Kind::map;
  return node;
}

Node Node::list() {
  Node node;
  node.kind = Kind::list;
  return node;
}

Node Node::scalar(std::string text, bool quoted) {
  Node node;
  node.kind = Kind::scalar;
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

const Node* Node::find(std::string_view key) const {
  const auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return entry == entries.end() ? nullptr : &entry->value;
}

const Place& Node::place_of(std::string_view path) const {
  const auto dot = path.find('.');
  const Node* child = find(path.substr(0, dot));
  if (child == nullptr) return place;
  return dot == std::string_view::npos ? child->place : child->place_of(path.substr(dot + 1));
}

Node& Node::set(std::string key, Node value) {
  kind = Kind::map;
  for (auto& entry : entries) {
    if (entry.key == key) return entry.value = std::move(value);
  }
  entries.push_back({std::move(key), std::move(value), {}});
  return entries.back().value;
}

std::string_view Node::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return "a plain value";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a map";
  }
  return "";
}

Node parse_yaml(std::string_view text, const std::string& file_name) {
  const auto file = std::make_shared<const std::string>(file_name);
  Node nothing;
  nothing.place = {file, 1, 1};
  try {
    const std::string copy(text);
    check_single_document(copy, file);
    const auto root = Converter(file).convert(YAML::Load(copy));
    return root.kind == Node::Kind::null ? nothing : root;
  } catch (const YAML::Exception& error) {
    throw ConfigError(
        place_at(file, error.mark),
        fmt::format("this is not YAML: {}{}", error.msg,
                    is_indented_by_tab(text, error.mark.line) ? "; indent with spaces: here is a tab" : ""));
  }
}

std::string to_yaml(const Node& node) {
  YAML::Emitter out;
  emit(out, node);
  return out.c_str();
}

void set_by_path(Node& root, std::string_view path, std::string_view value) {
  const auto dot = path.find('.');
  const auto first = path.substr(0, dot);
  const Place place{std::make_shared<const std::string>(fmt::format("--set {}", path)), 0, 0};
  Node* node = &root;
  std::string_view rest = path;
  if (Node* job = root.find(first) == nullptr ? find_job(root, first) : nullptr) {
    node = job;
    rest = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  }
  while (!rest.empty()) {
    const auto end = rest.find('.');
    node = &step(*node, rest.substr(0, end), path, place);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
  *node = parse_yaml(value, *place.file);
  put_at(*node, place);
}

std::string suggestion(std::string_view word, std::span<const std::string> candidates) {
  std::size_t best = std::max<std::size_t>(2, word.size() / 3) + 1;
  std::string_view nearest;
  for (const auto& candidate : candidates) {
    const bool is_beginning = word.size() >= 3 && candidate.starts_with(word);  // "--out" of "--output"
    const auto distance = is_beginning ? 1 : edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest);
}

}  // namespace farpoint::pipeline
