// SPDX-License-Identifier: Apache-2.0
#include "exporter.hpp"

#include <optional>
#include <set>

#include "card.hpp"
#include "dataset_folder.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/log.hpp"
#include "output_files.hpp"

namespace farpoint::jobs {

namespace fs = std::filesystem;

namespace {

ExportResult write_plain(const RecordPass& pass, const ExportTarget& target) {
  corpus::ExportWriter writer(target.path, target.path);
  ExportResult result;
  const auto schema = target.options.record_schema();
  result.records = for_each_parsed(pass, target.specs, [&](const ParsedRecord& parsed) {
    writer.write(corpus::convert(parsed.record, parsed.stored.json, schema));
  });
  writer.commit();
  return result;
}

/// What must be known of all records before the first is written.
struct Survey {
  std::vector<std::uint64_t> sizes;
  corpus::Shape shape;
  CardFacts card;
};

Survey survey(const RecordPass& pass, const ExportTarget& target, Container container) {
  Survey found;
  corpus::ShapeFinder shapes;
  for_each_parsed(pass, target.specs, [&](const ParsedRecord& parsed) {
    const auto line = corpus::convert(parsed.record, parsed.stored.json, target.options.record_schema());
    found.sizes.push_back(line.size() + 1);
    if (container == Container::parquet) shapes.add(line);
    ++found.card.sources[std::string(parsed.stored.source)];
    ++found.card.schemas[parsed.record.schema];
  });
  found.shape = shapes.finish();
  for (const auto& path : found.shape.mixed_paths()) {
    log::warning(
        "{}: the values of '{}' are of different kinds; in Parquet they are JSON text (arrow.json, which datasets "
        "decodes)",
        target.path.string(), path);
  }
  return found;
}

void write_files(const RecordPass& pass, const ExportTarget& target, const Layout& layout, OutputFiles& files) {
  for_each_parsed(pass, target.specs, [&](const ParsedRecord& parsed) {
    files.write(layout.file_of.at(parsed.number),
                corpus::convert(parsed.record, parsed.stored.json, target.options.record_schema()));
  });
  files.commit();
}

/// Shards of an earlier export, of which there were more.
void remove_stale(const fs::path& folder, const std::vector<OutputFile>& before, const Layout& layout) {
  std::set<std::string> now;
  for (const auto& file : layout.files) now.insert(file.name);
  for (const auto& file : before) {
    std::error_code ignored;
    if (!now.contains(file.name)) fs::remove(folder / file.name, ignored);
  }
}

void write_beside(const RecordPass& pass, const ExportTarget& target, Container container, const Layout& layout,
                  const Survey& found, const std::vector<std::string>& parts) {
  const auto folder = target.path.parent_path();
  const auto manifest = manifest_of(target.options, target.path);
  OutputFiles files(folder, container, layout, found.shape);
  write_files(pass, target, layout, files);
  if (!target.options.has_shards()) return;
  remove_stale(folder, read_manifest(manifest), layout);
  write_file(manifest, manifest_text(layout, parts));
}

void write_folder(const RecordPass& pass, const ExportTarget& target, Container container, const Layout& layout,
                  Survey& found, const std::vector<std::string>& parts) {
  DatasetFolder folder(target.path);
  {
    OutputFiles files(folder.path(), container, layout, found.shape);
    write_files(pass, target, layout, files);
  }
  found.card.parts = parts;
  found.card.is_parquet = container == Container::parquet;
  for (const auto& file : layout.files) {
    found.card.records += file.records;
    found.card.bytes += file.bytes;
    found.card.part_records.resize(parts.size());
    found.card.part_records[file.part] += file.records;
  }
  write_file(folder.path() / "README.md", dataset_card(target, found.card));
  write_file(folder.path() / "export.json", manifest_text(layout, parts));
  folder.commit();
}

ExportResult result_of(const Layout& layout, const std::optional<Split>& split, const std::vector<std::string>& parts) {
  ExportResult result;
  for (const auto& file : layout.files) {
    result.records += file.records;
    if (split) result.parts[parts[file.part]] += file.records;
  }
  if (split) result.in_clusters = split->in_clusters;
  return result;
}

}  // namespace

void check_format(const ExportOptions& options, const fs::path& path) {
  if (options.format != ExportKind::datasets) container_of(options, path);
}

ExportResult export_records(const RecordPass& pass, const ExportTarget& target) {
  const auto& options = target.options;
  const auto container = container_of(options, target.path);
  const bool is_folder = options.format == ExportKind::datasets;
  if (is_folder) DatasetFolder::check(target.path);
  if (!is_folder && options.split.empty() && !options.has_shards() && container != Container::parquet) {
    return write_plain(pass, target);
  }
  std::optional<Split> split;
  std::vector<std::string> parts{"train"};
  if (!options.split.empty()) {
    auto scratch = target_of(target.path);
    scratch += ".split.tmp";
    split = split_records(pass, target.specs, options, target.seed, scratch);
    parts = split->names;
  }
  auto found = survey(pass, target, container);
  const auto layout = lay_out(options, target.path, container, split, found.sizes);
  if (is_folder) {
    write_folder(pass, target, container, layout, found, parts);
  } else {
    write_beside(pass, target, container, layout, found, parts);
  }
  return result_of(layout, split, parts);
}

std::vector<std::string> exported_files(const ExportOptions& options, const fs::path& path) {
  const bool is_folder = options.format == ExportKind::datasets;
  if (!is_folder && !options.has_shards()) return file_names(options, path);
  const auto manifest = manifest_of(options, path);
  const auto prefix = is_folder ? path.filename() : fs::path();
  std::vector<std::string> names;
  if (is_folder) names.push_back((prefix / "README.md").string());
  names.push_back((prefix / manifest.filename()).string());
  for (const auto& file : read_manifest(manifest)) names.push_back((prefix / file.name).string());
  return names;
}

}  // namespace farpoint::jobs
