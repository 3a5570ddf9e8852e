// SPDX-License-Identifier: Apache-2.0
#include "labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "farpoint/comm/objects.hpp"
#include "farpoint/text/characters.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr std::string_view record_prefix = "record.";

/// Bytes of the white space at the front of UTF-8 text, of one character; 0 when there is none. As Unicode's
/// White_Space, and the four separators U+001C to U+001F.
std::size_t space_at_front(std::string_view text) {
  const char first = text.front();
  if (first == ' ' || (first >= '\t' && first <= '\r') || (first >= '\x1c' && first <= '\x1f')) return 1;
  constexpr std::array<std::string_view, 19> others{
      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
      "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
  constexpr unsigned char first_of_others = 0xC2;
  if (static_cast<unsigned char>(first) < first_of_others) return 0;
  const auto found =
      std::find_if(others.begin(), others.end(), [&](std::string_view space) { return text.starts_with(space); });
  return found == others.end() ? 0 : found->size();
}

std::uint64_t count_words(std::string_view text) {
  std::uint64_t words = 0;
  bool in_word = false;
  while (!text.empty()) {
    const std::size_t space = space_at_front(text);
    words += !in_word && space == 0 ? 1 : 0;
    in_word = space == 0;
    text.remove_prefix(std::max<std::size_t>(space, 1));
  }
  return words;
}

std::string value_of_key(std::string_view record, const std::string& key) {
  const auto json = nlohmann::json::parse(record, nullptr, false);
  if (!json.is_object()) return "";
  const auto found = json.find(key);
  if (found == json.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

}  // namespace

bool is_label_of_records(const std::string& by) {
  return by == "source" || (by.starts_with(record_prefix) && by.size() > record_prefix.size());
}

std::string label_of(std::string_view record, const std::string& by) {
  return value_of_key(record, by.substr(record_prefix.size()));
}

std::string column_of_tokens(const std::string& name, const std::vector<ColumnSpec>& columns) {
  for (const auto& wanted : {name + ".tokens", name}) {
    for (const auto& column : columns) {
      if (column.name == wanted && column.kind == ColumnSpec::Kind::scalar) return wanted;
    }
  }
  return "";
}

std::vector<std::string> labels_of(const Shard& shard, const std::string& by) {
  std::vector<std::string> labels;
  labels.reserve(shard.ids().size());
  if (by == "source") {
    const auto names = shard.source_names();
    for (std::size_t i = 0; i < names.size(); ++i) labels.emplace_back(names[i]);
  } else if (is_label_of_records(by)) {
    const auto& records = shard.records();
    const auto key = by.substr(record_prefix.size());
    for (std::size_t i = 0; i < records.size(); ++i) labels.push_back(value_of_key(records[i], key));
  } else {
    for (const double value : shard.column(by).as<std::vector<double>>()) labels.push_back(fmt::format("{}", value));
  }
  return labels;
}

std::vector<double> tokens_of(const Shard& shard, const std::string& column) {
  std::vector<double> counts;
  if (column.empty()) {
    const auto texts = shard.texts(corpus::TextView::full);
    for (std::size_t i = 0; i < texts.size(); ++i) counts.push_back(static_cast<double>(count_words(texts[i])));
  } else {
    for (const double value : shard.column(column).as<std::vector<double>>()) counts.push_back(std::ceil(value));
  }
  return counts;
}

std::vector<double> lengths_of(const Shard& shard) {
  std::vector<double> lengths;
  const auto texts = shard.texts(corpus::TextView::full);
  for (std::size_t i = 0; i < texts.size(); ++i)
    lengths.push_back(static_cast<double>(text::count_characters(texts[i])));
  return lengths;
}

std::uint32_t NameNumbers::of(const std::string& name) {
  const auto [entry, is_new] = numbers_.emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (is_new) names_.push_back(name);
  return entry->second;
}

std::vector<std::string> NameNumbers::agree(comm::Communicator& comm, std::vector<std::uint32_t>& numbers) const {
  std::vector<std::string> all;
  for (auto& of_rank : comm::all_gather_objects(comm, names_)) {
    all.insert(all.end(), std::make_move_iterator(of_rank.begin()), std::make_move_iterator(of_rank.end()));
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<std::uint32_t> places;
  for (const auto& name : names_) {
    places.push_back(static_cast<std::uint32_t>(std::lower_bound(all.begin(), all.end(), name) - all.begin()));
  }
  for (auto& number : numbers) number = places[number];
  return all;
}

}  // namespace farpoint::jobs
