// SPDX-License-Identifier: Apache-2.0
#include "output_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"

namespace farpoint::jobs {

namespace fs = std::filesystem;

class OutputFiles::Writer {
 public:
  virtual ~Writer() = default;
  virtual void write(std::string_view line) = 0;
  virtual void close() = 0;
};

namespace {

/// By which a list is known as one.
constexpr const char* writer_name = "farpoint export";

class TextWriter final : public OutputFiles::Writer {
 public:
  TextWriter(const fs::path& path, const fs::path& named_as) : writer_(path, named_as) {}
  void write(std::string_view line) override { writer_.write(line); }
  void close() override { writer_.commit(); }

 private:
  corpus::ExportWriter writer_;
};

class ParquetRows final : public OutputFiles::Writer {
 public:
  ParquetRows(const fs::path& path, const corpus::Shape& shape) : writer_(path, shape) {}
  void write(std::string_view line) override { writer_.write(line); }
  void close() override { writer_.close(); }

 private:
  corpus::ParquetWriter writer_;
};

std::string ending_of(Container container, const fs::path& path) {
  if (container == Container::parquet) return ".parquet";
  return path.extension().string();
}

/// "subset.test-00000-of-00003.jsonl", or "data/test-00000-of-00003.parquet" in a folder of datasets.
std::string name_of(const ExportOptions& options, const fs::path& path, Container container, const std::string& part,
                    const std::string& number) {
  if (options.format == ExportKind::datasets) {
    return fmt::format("data/{}{}{}", part, number, container == Container::parquet ? ".parquet" : ".jsonl");
  }
  const auto stem = path.stem().string() + (options.split.empty() ? "" : "." + part);
  return stem + number + ending_of(container, path);
}

std::vector<std::string> part_names(const ExportOptions& options) {
  std::vector<std::string> names{"train"};
  for (const auto& [name, share] : options.split) names.push_back(name);
  return names;
}

}  // namespace

Container container_of(const ExportOptions& options, const fs::path& path) {
  if (options.format == ExportKind::datasets) {
    return corpus::why_no_parquet().empty() ? Container::parquet : Container::lines;
  }
  const auto ending = path.extension();
  if (options.format == ExportKind::parquet && ending != ".parquet") {
    throw UsageError(fmt::format("{}: the format parquet needs a name that ends in .parquet", path.string()));
  }
  if (ending == ".parquet") {
    if (const auto why = corpus::why_no_parquet(); !why.empty()) {
      throw UsageError(fmt::format("{}: {}", path.string(), why));
    }
    return Container::parquet;
  }
  return ending == ".json" ? Container::array : Container::lines;
}

Layout lay_out(const ExportOptions& options, const fs::path& path, Container container,
               const std::optional<Split>& split, const std::vector<std::uint64_t>& sizes) {
  const auto parts = part_names(options);
  Layout layout;
  std::vector<std::size_t> current;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    current.push_back(layout.files.size());
    layout.files.push_back({"", part});
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t part = split ? split->parts[i] : 0;
    const auto* file = &layout.files[current[part]];
    const auto& limit = options.shard_size.count;
    const bool too_large = limit > 0 && file->records > 0 && file->bytes + sizes[i] > limit;
    const bool full = options.shard_records > 0 && file->records == options.shard_records;
    if (too_large || full) {
      current[part] = layout.files.size();
      layout.files.push_back({"", part});
    }
    auto& into = layout.files[current[part]];
    ++into.records;
    into.bytes += sizes[i];
    layout.file_of.push_back(static_cast<std::uint32_t>(current[part]));
  }
  std::vector<std::size_t> counts(parts.size()), next(parts.size());
  for (const auto& file : layout.files) ++counts[file.part];
  const bool numbered = options.has_shards() || options.format == ExportKind::datasets;
  for (auto& file : layout.files) {
    const auto number = numbered ? fmt::format("-{:05}-of-{:05}", next[file.part]++, counts[file.part]) : "";
    file.name = name_of(options, path, container, parts[file.part], number);
  }
  return layout;
}

std::vector<std::string> file_names(const ExportOptions& options, const fs::path& path) {
  std::vector<std::string> names;
  const auto container = path.extension() == ".parquet" ? Container::parquet : Container::lines;
  for (const auto& part : part_names(options)) names.push_back(name_of(options, path, container, part, ""));
  return names;
}

fs::path manifest_of(const ExportOptions& options, const fs::path& path) {
  if (options.format == ExportKind::datasets) return path / "export.json";
  return path.parent_path() / (path.stem().string() + ".files.json");
}

std::vector<OutputFile> read_manifest(const fs::path& manifest) {
  std::error_code error;
  if (!fs::is_regular_file(manifest, error)) return {};
  const auto json = nlohmann::json::parse(read_file(manifest), nullptr, false);
  std::vector<OutputFile> files;
  if (!json.is_object() || json.value("written_by", nlohmann::json()) != writer_name) return files;
  if (!json.contains("files") || !json["files"].is_array()) return files;
  for (const auto& entry : json["files"]) {
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) continue;
    const fs::path name = fs::path(entry["name"].get<std::string>()).lexically_normal();
    // What leads elsewhere no export has written.
    if (name.empty() || name.is_absolute() || *name.begin() == "..") continue;
    files.push_back({name.string()});
  }
  return files;
}

std::string manifest_text(const Layout& layout, const std::vector<std::string>& parts) {
  nlohmann::ordered_json json{{"written_by", writer_name}, {"files", nlohmann::ordered_json::array()}};
  for (const auto& file : layout.files) {
    json["files"].push_back({{"name", file.name}, {"part", parts[file.part]}, {"records", file.records}});
  }
  return json.dump(2) + "\n";
}

OutputFiles::OutputFiles(fs::path folder, Container container, const Layout& layout, const corpus::Shape& shape)
    : folder_(std::move(folder)),
      container_(container),
      layout_(layout),
      shape_(shape),
      writers_(layout.files.size()),
      begun_(layout.files.size()) {
  for (const auto& file : layout.files) open_.resize(std::max(open_.size(), file.part + 1));
}

OutputFiles::~OutputFiles() {
  writers_.clear();
  for (std::size_t i = 0; i < begun_.size(); ++i) {
    std::error_code ignored;
    if (begun_[i]) fs::remove(temporary(i), ignored);
  }
}

fs::path OutputFiles::temporary(std::size_t file) const {
  return temporary_name(target_of(folder_ / layout_.files[file].name));
}

void OutputFiles::open(std::size_t file) {
  const auto path = temporary(file);
  if (container_ == Container::parquet) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) throw Error(fmt::format("{}: cannot create the folder: {}", path.string(), error.message()));
    writers_[file] = std::make_unique<ParquetRows>(path, shape_);
  } else {
    writers_[file] = std::make_unique<TextWriter>(path, layout_.files[file].name);
  }
  begun_[file] = true;
}

void OutputFiles::close(std::size_t file) {
  writers_[file]->close();
  writers_[file].reset();
}

void OutputFiles::write(std::size_t file, std::string_view line) {
  auto& current = open_[layout_.files[file].part];
  if (current != file) {
    if (current) close(*current);
    open(file);
    current = file;
  }
  writers_[file]->write(line);
}

void OutputFiles::commit() {
  for (std::size_t i = 0; i < begun_.size(); ++i) {
    if (!begun_[i]) open(i);  // a part without records
    if (writers_[i]) close(i);
  }
  for (std::size_t i = 0; i < begun_.size(); ++i) {
    commit_file(temporary(i), target_of(folder_ / layout_.files[i].name));
    begun_[i] = false;
  }
}

}  // namespace farpoint::jobs
