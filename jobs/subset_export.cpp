// SPDX-License-Identifier: Apache-2.0
#include "subset_export.hpp"

#include <fmt/format.h>

#include "farpoint/base/error.hpp"
#include "farpoint/base/hash.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/store/table_file.hpp"

namespace farpoint::jobs {

namespace {

constexpr std::uint64_t block_rows = 4096;
/// random_bits' stream of the split; part of the results.
constexpr std::uint64_t split_stream = 0x73706c6974;  // "split"

std::filesystem::path with_part(const std::filesystem::path& path, std::string_view part) {
  auto name = path.stem();
  name += fmt::format(".{}", part);
  name += path.extension();
  return path.parent_path() / name;
}

}  // namespace

Exporter::Exporter(ExportTarget target, std::vector<corpus::SourceSpec> specs)
    : target_(std::move(target)), specs_(std::move(specs)) {
  const auto add = [&](const std::filesystem::path& path) {
    files_.push_back(std::make_unique<corpus::ExportWriter>(path));
  };
  if (!target_.test_share) {
    add(target_.path);
  } else {
    add(with_part(target_.path, "train"));
    add(with_part(target_.path, "test"));
  }
}

corpus::ExportWriter& Exporter::side_of(const corpus::Record& record, std::string_view json) {
  if (!target_.test_share) return *files_[0];
  const bool vectors = record.schema == corpus::Schema::vectors;
  const auto text = vectors ? std::string(json) : corpus::view(record, corpus::TextView::full);
  const auto bits = random_bits(target_.seed, split_stream, hash64(text)) >> 11;
  const bool test = static_cast<double>(bits) * 0x1p-53 < *target_.test_share;
  return *files_[test ? 1 : 0];
}

void Exporter::write(std::string_view json, std::uint32_t source_index) {
  if (source_index >= specs_.size()) {
    throw Error(fmt::format("record {} of the subset is from source {}, but the configuration lists {} sources",
                            written_, source_index, specs_.size()));
  }
  const auto& spec = specs_[source_index];
  corpus::Record record;
  record.schema = corpus::Schema::vectors;
  if (spec.as.empty()) {
    auto parsed = parser_.parse(json, spec.fields);
    if (const auto* fault = std::get_if<corpus::Fault>(&parsed)) {
      throw Error(fmt::format("record {} of the subset cannot be read ({}): {}", written_, corpus::fault_name(*fault),
                              json.substr(0, 200)));
    }
    record = std::get<corpus::Record>(std::move(parsed));
  }
  side_of(record, json).write(corpus::convert(record, json, target_.format));
  ++written_;
}

void Exporter::write(const pipeline::Shard& shard) {
  const auto& records = shard.records();
  for (std::size_t i = 0; i < records.size(); ++i) write(records[i], shard.sources()[i]);
}

void Exporter::commit() {
  for (auto& file : files_) file->commit();
}

std::uint64_t export_subset(const std::filesystem::path& subset, const ExportTarget& target,
                            const std::vector<corpus::SourceSpec>& specs) {
  const store::TableFile table(subset);
  Exporter exporter(target, specs);
  for (std::uint64_t begin = 0;; begin += block_rows) {
    const auto block = table.read("record", begin, block_rows);
    const auto sources = table.read("source_index", begin, block_rows);
    const auto& records = block.as<store::Strings>();
    // Other writers may store the index in another integer type.
    std::vector<std::uint32_t> indices;
    std::visit(
        [&](const auto& values) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(values)>, store::Strings>) {
            for (const auto value : values) indices.push_back(static_cast<std::uint32_t>(value));
          }
        },
        sources.values);
    if (indices.size() != records.size()) {
      throw Error(fmt::format("{}: /record and /source_index are of different lengths", subset.string()));
    }
    for (std::size_t i = 0; i < records.size(); ++i) exporter.write(records[i], indices[i]);
    if (records.size() < block_rows) break;
  }
  exporter.commit();
  return exporter.written();
}

}  // namespace farpoint::jobs
