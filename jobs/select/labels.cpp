// SPDX-License-Identifier: Apache-2.0
#include "labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "farpoint/comm/objects.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr std::string_view record_prefix = "record.";

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

std::uint64_t count_words(std::string_view text) {
  std::uint64_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    words += !in_word && !is_space(c) ? 1 : 0;
    in_word = !is_space(c);
  }
  return words;
}

std::uint64_t count_code_points(std::string_view text) {
  // Every byte but those that continue a code point.
  return static_cast<std::uint64_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
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
  for (std::size_t i = 0; i < texts.size(); ++i) lengths.push_back(static_cast<double>(count_code_points(texts[i])));
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
