// SPDX-License-Identifier: Apache-2.0
#include "ingest.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "farpoint/base/error.hpp"
#include "farpoint/corpus/npy.hpp"
#include "farpoint/corpus/record.hpp"
#include "farpoint/corpus/record_reader.hpp"

namespace farpoint::pipeline {

namespace {

/// Raise it when the same input gives other shards.
constexpr std::uint64_t ingest_version = 2;

/// The columns of a shard in the making.
struct Builder {
  std::vector<std::uint64_t> ids;
  store::Strings records;
  std::vector<std::uint64_t> lines;
  std::vector<std::uint32_t> files;
  std::vector<std::uint32_t> sources;
  std::vector<std::uint64_t> reject_ids;
  std::vector<std::uint64_t> reject_lines;
  std::vector<std::uint32_t> reject_files;
  store::Strings reject_reasons;
  std::optional<store::Column> vectors;
  TextSizes sizes;
  Tally tally;

  void keep(std::uint64_t id, std::string_view json, std::uint64_t line, std::uint32_t file, std::uint32_t source) {
    ids.push_back(id);
    records.push_back(json);
    lines.push_back(line);
    files.push_back(file);
    sources.push_back(source);
  }

  void reject(std::uint64_t id, std::uint64_t line, std::uint32_t file, corpus::Fault fault) {
    const auto reason = corpus::fault_name(fault);
    reject_ids.push_back(id);
    reject_lines.push_back(line);
    reject_files.push_back(file);
    reject_reasons.push_back(reason);
    ++tally.rejected;
    ++tally.counters[std::string(reason)];
  }

  /// `file` columns count from 0 in the list that `files_json` holds: a shard explains itself.
  ShardContent finish(std::string files_json) && {
    tally.out = ids.size();
    tally.in = tally.out + tally.rejected;
    store::Strings file_list;
    file_list.push_back(files_json);
    ShardContent content;
    content.tally = std::move(tally);
    content.sizes = std::move(sizes);
    auto& columns = content.columns;
    columns.push_back({"id", std::move(ids)});
    columns.push_back({"record", std::move(records)});
    columns.push_back({"line", std::move(lines)});
    columns.push_back({"file", std::move(files)});
    columns.push_back({"source_index", std::move(sources)});
    if (vectors) columns.push_back(std::move(*vectors));
    columns.push_back({"rejects/id", std::move(reject_ids)});
    columns.push_back({"rejects/line", std::move(reject_lines)});
    columns.push_back({"rejects/file", std::move(reject_files)});
    columns.push_back({"rejects/reason", std::move(reject_reasons)});
    columns.push_back({"files", std::move(file_list)});
    return content;
  }
};

}  // namespace

struct Ingest::Implementation {
  const RecordSet& set;
  const std::vector<corpus::SourceSpec>& specs;
  const CorpusOptions& options;
  corpus::RecordParser parser = {};
  // What the files read last are read with: the next shard often goes on where this one ended.
  std::size_t open_file = static_cast<std::size_t>(-1);
  std::optional<corpus::RecordReader> reader = std::nullopt;
  std::size_t open_vectors = static_cast<std::size_t>(-1);
  std::optional<corpus::NpyFile> vectors = std::nullopt;

  corpus::RecordReader& reader_at(const RecordSet::Segment& segment) {
    if (open_file != segment.file) {
      reader.emplace(set.files[segment.file], set.indexes[segment.file], options.max_record_bytes);
      open_file = segment.file;
    }
    reader->seek(segment.begin);
    return *reader;
  }

  corpus::NpyFile& vectors_of(const RecordSet::Segment& segment) {
    if (!vectors || open_vectors != segment.file) {
      const auto& file = set.files[segment.file];
      vectors.emplace(file.path, file.compression);
      open_vectors = segment.file;
    }
    return *vectors;
  }

  void read_texts(const RecordSet::Segment& segment, std::uint32_t file_number, Builder& shard) {
    const auto& file = set.files[segment.file];
    const auto& fields = specs[file.spec].fields;
    auto& records = reader_at(segment);
    std::string wrapped;
    for (auto n = segment.begin; n < segment.end; ++n) {
      const auto id = set.first_id[segment.file] + n;
      corpus::RawRecord raw;
      if (!records.next(raw)) {
        throw Error(
            fmt::format("{}: record {} is gone; the file changed while it was read. Run again", file.path.string(), n));
      }
      auto json = raw.text;
      std::optional<corpus::Fault> fault;
      if (raw.too_large) fault = corpus::Fault::too_large;
      if (!fault && file.format == corpus::Format::txt) {
        if (corpus::is_valid_utf8(raw.text))
          json = wrapped = corpus::text_record(raw.text);
        else
          fault = corpus::Fault::bad_utf8;
      }
      if (!fault) {
        // Text lines were copied; a reader's text may be read 64 bytes further.
        const auto capacity = json.data() == raw.text.data() ? json.size() + 64 : 0;
        const auto parsed = parser.parse(json, fields, capacity);
        if (const auto* found = std::get_if<corpus::Fault>(&parsed)) fault = *found;
      }
      shard.tally.units += raw.text.size();
      if (fault)
        shard.reject(id, raw.line, file_number, *fault);
      else {
        shard.keep(id, json, raw.line, file_number, static_cast<std::uint32_t>(file.spec));
        shard.sizes.add(json.size());
      }
    }
  }

  void read_vectors(const RecordSet::Segment& segment, std::uint32_t file_number, Builder& shard) {
    const auto& file = set.files[segment.file];
    auto& npy = vectors_of(segment);
    if (!shard.vectors) shard.vectors = store::Column{specs[file.spec].as, std::vector<float>{}, npy.width()};
    if (shard.vectors->width != npy.width()) {
      // resolve_corpus() has seen them all alike.
      throw Error(fmt::format("{}: rows of {} numbers instead of {}; the file changed while it was read. Run again",
                              file.path.string(), npy.width(), shard.vectors->width));
    }
    auto& values = std::get<std::vector<float>>(shard.vectors->values);
    const auto count = segment.end - segment.begin;
    const auto old_size = values.size();
    values.resize(old_size + count * npy.width());
    npy.read(segment.begin, count, std::span(values).subspan(old_size));
    shard.tally.units += count * npy.row_bytes();
    for (auto row = segment.begin; row < segment.end; ++row) {
      const auto id = set.first_id[segment.file] + row;
      shard.keep(id, fmt::format("{{\"id\": {}}}", id), row + 1, file_number, static_cast<std::uint32_t>(file.spec));
    }
  }
};

Ingest::Ingest(const RecordSet& set, const std::vector<corpus::SourceSpec>& specs, const CorpusOptions& options)
    : implementation_(new Implementation{set, specs, options}) {}
Ingest::~Ingest() = default;

std::vector<ShardTask> Ingest::tasks() const {
  const auto& self = *implementation_;
  // Row groups are read from the front: a rank that goes on in one saves others what stands before.
  const auto shares_group = [&](const RecordSet::Segment& segment, std::uint64_t before) {
    if (self.set.files[segment.file].format != corpus::Format::parquet) return false;
    return self.set.indexes[segment.file].locate(segment.begin).record <= before;
  };
  std::vector<ShardTask> tasks;
  std::size_t chain = 0;
  std::size_t chain_file = static_cast<std::size_t>(-1);
  std::uint64_t chain_begin = 0;  // the first record of the shard before in that file
  for (std::size_t shard = 0; shard < self.set.shards(); ++shard) {
    Hasher key;
    key.add(ingest_version).add(self.set.fingerprint(shard)).add(self.options.max_record_bytes);
    const auto segments = self.set.segments(shard);
    for (const auto& segment : segments) {
      const auto& file = self.set.files[segment.file];
      key.add(file.path.string()).add(file.source);
      key.add(static_cast<std::uint64_t>(file.format)).add(static_cast<std::uint64_t>(file.spec));
      for (const auto& [name, field] : self.specs[file.spec].fields) key.add(name).add(field);
      key.add(self.specs[file.spec].as);
    }
    const auto first = segments.front().file;
    const bool is_packed = self.set.files[first].compression != corpus::Compression::none;
    const bool goes_on = first == chain_file && (is_packed || shares_group(segments.front(), chain_begin));
    if (!goes_on) ++chain;
    chain_file = segments.back().file;
    chain_begin = segments.back().begin;
    const auto bytes = self.set.approximate_bytes(shard);
    tasks.push_back({&self.set, shard, bytes, chain, bytes, key.digest()});
  }
  return tasks;
}

ShardContent Ingest::make(std::size_t shard) {
  auto& self = *implementation_;
  Builder builder;
  auto files = nlohmann::json::array();
  for (const auto& segment : self.set.segments(shard)) {
    const auto& file = self.set.files[segment.file];
    const auto number = static_cast<std::uint32_t>(files.size());
    files.push_back({{"path", file.path.string()}, {"source", file.source}});
    if (file.format == corpus::Format::npy)
      self.read_vectors(segment, number, builder);
    else
      self.read_texts(segment, number, builder);
  }
  return std::move(builder).finish(files.dump());
}

}  // namespace farpoint::pipeline
