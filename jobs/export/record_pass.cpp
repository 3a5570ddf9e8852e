// SPDX-License-Identifier: Apache-2.0
#include "record_pass.hpp"

#include <fmt/format.h>

#include <type_traits>

#include "farpoint/base/error.hpp"
#include "farpoint/store/table_file.hpp"

namespace farpoint::jobs {

namespace {

constexpr std::uint64_t block_rows = 4096;

/// Other writers may store the index in another integer type.
std::vector<std::uint32_t> as_indices(const store::Column& column) {
  std::vector<std::uint32_t> indices;
  std::visit(
      [&](const auto& values) {
        using Typed = std::decay_t<decltype(values)>;
        if constexpr (requires { requires std::is_integral_v<typename Typed::value_type>; }) {
          for (const auto value : values) indices.push_back(static_cast<std::uint32_t>(value));
        }
      },
      column.values);
  return indices;
}

void visit_subset(const std::filesystem::path& subset, const std::function<void(const StoredRecord&)>& visit) {
  const store::TableFile table(subset);
  const bool has_names = table.has("source");
  for (std::uint64_t begin = 0;; begin += block_rows) {
    const auto block = table.read("record", begin, block_rows);
    const auto& records = block.as<store::Strings>();
    const auto indices = as_indices(table.read("source_index", begin, block_rows));
    store::Column names;
    if (has_names) names = table.read("source", begin, block_rows);
    const auto* sources = std::get_if<store::Strings>(&names.values);
    if (indices.size() != records.size() || (sources != nullptr && sources->size() != records.size())) {
      throw Error(fmt::format("{}: /record, /source and /source_index are of different lengths", subset.string()));
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
      visit({records[i], indices[i], sources != nullptr ? (*sources)[i] : std::string_view()});
    }
    if (records.size() < block_rows) return;
  }
}

}  // namespace

RecordPass records_of_subset(std::filesystem::path subset) {
  return [subset = std::move(subset)](const auto& visit) { visit_subset(subset, visit); };
}

void visit_records(const pipeline::Shard& shard, const std::function<void(const StoredRecord&)>& visit) {
  const auto& records = shard.records();
  const auto names = shard.source_names();
  for (std::size_t i = 0; i < records.size(); ++i) visit({records[i], shard.sources()[i], names[i]});
}

std::uint64_t for_each_parsed(const RecordPass& pass, const std::vector<corpus::SourceSpec>& specs,
                              const std::function<void(const ParsedRecord&)>& visit) {
  corpus::RecordParser parser;
  std::uint64_t number = 0;
  pass([&](const StoredRecord& stored) {
    if (stored.source_index >= specs.size()) {
      throw Error(fmt::format("record {} of the subset is from source {}, but the configuration lists {} sources",
                              number, stored.source_index, specs.size()));
    }
    const auto& spec = specs[stored.source_index];
    corpus::Record record;
    record.schema = corpus::Schema::vectors;
    if (spec.as.empty()) {
      auto parsed = parser.parse(stored.json, spec.fields);
      if (const auto* fault = std::get_if<corpus::Fault>(&parsed)) {
        throw Error(fmt::format("record {} of the subset cannot be read ({}): {}", number, corpus::fault_name(*fault),
                                stored.json.substr(0, 200)));
      }
      record = std::get<corpus::Record>(std::move(parsed));
    }
    visit({stored, record, number});
    ++number;
  });
  return number;
}

std::string text_of(const ParsedRecord& parsed) {
  if (parsed.record.schema == corpus::Schema::vectors) return std::string(parsed.stored.json);
  return corpus::view(parsed.record, corpus::TextView::full);
}

}  // namespace farpoint::jobs
