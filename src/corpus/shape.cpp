// SPDX-License-Identifier: Apache-2.0
#include "farpoint/corpus/shape.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <unordered_map>

#include "farpoint/base/error.hpp"
#include "json_slices.hpp"

namespace farpoint::corpus {

namespace {

constexpr std::size_t most_columns = 2000;
constexpr std::size_t most_keys = 256;  // of an inner object
constexpr int deepest = 12;
constexpr double exact_in_double = 0x1p53;

}  // namespace

/// What values of one key there were.
struct ShapeFinder::Seen {
  std::uint64_t booleans = 0;
  std::uint64_t integers = 0;  ///< that fit 64 bits
  std::uint64_t numbers = 0;   ///< with a fraction or an exponent
  std::uint64_t texts = 0;
  std::uint64_t lists = 0;
  std::uint64_t objects = 0;
  bool is_negative = false;  ///< an integer
  bool is_large = false;     ///< an integer: beyond int64
  bool is_huge = false;      ///< an integer: beyond uint64
  bool is_inexact = false;   ///< an integer: a double may not hold it
  bool is_deep = false;
  bool has_too_many_keys = false;

  struct Member {
    std::string name;
    std::unique_ptr<Seen> seen;
    std::uint64_t objects = 0;  ///< that have it
    std::uint64_t last = 0;     ///< the number of the last of these, from 1
  };
  std::vector<Member> members;
  std::unordered_map<std::string, std::size_t> places;
  std::unique_ptr<Seen> element;

  void add(std::string_view value, int depth);
  void add_number(std::string_view value);
  void add_object(std::string_view value, int depth, std::size_t most);
  Shape shape(bool is_record) const;
};

void ShapeFinder::Seen::add_number(std::string_view value) {
  if (value.find_first_of(".eE") != std::string_view::npos || value == "-0") {
    ++numbers;  // an integer has no negative zero
    return;
  }
  ++integers;
  std::int64_t narrow = 0;
  std::uint64_t wide = 0;
  const auto fits = [&](auto& number) {
    return std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc();
  };
  if (value.starts_with('-')) is_negative = true;
  if (fits(narrow)) {
    is_inexact = is_inexact || std::abs(static_cast<double>(narrow)) > exact_in_double;
    return;
  }
  is_inexact = true;
  is_large = true;
  is_huge = is_huge || value.starts_with('-') || !fits(wide);
}

void ShapeFinder::Seen::add_object(std::string_view value, int depth, std::size_t most) {
  ++objects;
  for_each_member(value, [&](std::string_view key, std::string_view inner) {
    const auto name = unquoted(key);
    const auto found = places.find(name);
    if (found == places.end() && members.size() == most) {
      has_too_many_keys = true;
      return;
    }
    const auto place = found != places.end() ? found->second : members.size();
    if (found == places.end()) {
      places.emplace(name, place);
      members.push_back({name, std::make_unique<Seen>()});
    }
    auto& member = members[place];
    if (member.last != objects && inner != "null") ++member.objects;
    member.last = objects;
    member.seen->add(inner, depth + 1);
  });
}

void ShapeFinder::Seen::add(std::string_view value, int depth) {
  switch (value.front()) {
    case 'n':
      return;
    case 't':
    case 'f':
      ++booleans;
      return;
    case '"':
      ++texts;
      return;
    case '[':
      ++lists;
      break;
    case '{':
      break;
    default:
      return add_number(value);
  }
  if (depth >= deepest) {
    is_deep = true;
    objects += value.front() == '{' ? 1 : 0;
    return;
  }
  if (value.front() == '{') return add_object(value, depth, most_keys);
  if (!element) element = std::make_unique<Seen>();
  for_each_element(value, [&](std::string_view inner) { element->add(inner, depth + 1); });
}

Shape ShapeFinder::Seen::shape(bool is_record) const {
  using Kind = Shape::Kind;
  const int kinds = (booleans > 0) + (integers + numbers > 0) + (texts > 0) + (lists > 0) + (objects > 0);
  if (kinds == 0) return {};
  const bool mixes_numbers = integers > 0 && numbers > 0 && is_inexact;
  if (kinds > 1 || mixes_numbers) return {.kind = Kind::json, .is_mixed = true};
  if (is_deep || has_too_many_keys || is_huge || (is_large && is_negative)) return {.kind = Kind::json};
  if (booleans > 0) return {.kind = Kind::boolean};
  if (texts > 0) return {.kind = Kind::text};
  if (numbers > 0) return {.kind = Kind::number};
  if (integers > 0) return {.kind = is_large ? Kind::unsigned_integer : Kind::integer};
  if (lists > 0) return {.kind = Kind::list, .inner = {element->shape(false)}};
  Shape shape{.kind = Kind::object};
  bool has_common = is_record;
  for (const auto& member : members) {
    shape.names.push_back(member.name);
    shape.inner.push_back(member.seen->shape(false));
    has_common = has_common || member.objects == objects;
  }
  return has_common ? shape : Shape{.kind = Kind::json};
}

ShapeFinder::ShapeFinder() : records_(std::make_unique<Seen>()) {}
ShapeFinder::~ShapeFinder() = default;

void ShapeFinder::add(std::string_view json) {
  records_->add_object(json, 0, most_columns);
  if (records_->has_too_many_keys) {
    throw UsageError(
        fmt::format("a table of more than {} columns: the records have as many different keys; write them "
                    "as jsonl",
                    most_columns));
  }
}

Shape ShapeFinder::finish() const {
  if (records_->objects == 0) return {.kind = Shape::Kind::object};
  return records_->shape(true);
}

namespace {

void collect_mixed(const Shape& shape, const std::string& path, std::vector<std::string>& paths) {
  if (shape.is_mixed) paths.push_back(path);
  for (std::size_t i = 0; i < shape.inner.size(); ++i) {
    const bool is_list = shape.kind == Shape::Kind::list;
    const auto dot = path.empty() ? "" : ".";
    collect_mixed(shape.inner[i], is_list ? path + "[]" : path + dot + shape.names[i], paths);
  }
}

}  // namespace

std::vector<std::string> Shape::mixed_paths() const {
  std::vector<std::string> paths;
  collect_mixed(*this, "", paths);
  return paths;
}

}  // namespace farpoint::corpus
