// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "farpoint/base/error.hpp"
#include "farpoint/base/late_library.hpp"
#include "library.hpp"
#include "parquet_interface.hpp"

namespace farpoint::corpus {

namespace {

namespace fs = std::filesystem;

constexpr const char* variable = "FARPOINT_PARQUET_LIBRARY";

struct Loaded {
  const ParquetLibrary* library = nullptr;
  std::string why_not;
};

Loaded load() {
  const auto file = late_library(variable, "libfarpoint_parquet.so");
  if (!fs::exists(file)) {
    return {nullptr, fmt::format("this build has no Parquet ({} is missing): run scripts/arrow.sh and build again, or "
                                 "use .jsonl",
                                 file.string())};
  }
  try {
    return {&late_table<ParquetLibrary>(file, "farpoint_parquet_library", parquet_interface), ""};
  } catch (const Error& error) {
    return {nullptr, fmt::format("Parquet is in {}, which cannot be loaded: {}. Keep Arrow (.deps/arrow) where it "
                                 "was when that was built, or build again; or let {} name the library",
                                 file.string(), error.what(), variable)};
  }
}

const Loaded& loaded() {
  static const Loaded once = load();
  return once;
}

const ParquetLibrary& library_for(const fs::path& path) {
  if (loaded().library == nullptr) throw UsageError(fmt::format("{}: {}", path.string(), loaded().why_not));
  return *loaded().library;
}

}  // namespace

std::string why_no_parquet() {
  return loaded().why_not;
}

ParquetWriter::ParquetWriter(const fs::path& path, const Shape& shape)
    : implementation_(library_for(path).writer(path, shape)) {}
ParquetWriter::~ParquetWriter() = default;

void ParquetWriter::write(std::string_view json) {
  implementation_->write(json);
}
void ParquetWriter::close() {
  implementation_->close();
}

ParquetFile::ParquetFile(const fs::path& path) : implementation_(library_for(path).file(path)) {}
ParquetFile::~ParquetFile() = default;
ParquetFile::ParquetFile(ParquetFile&&) noexcept = default;

const std::vector<ParquetFile::Group>& ParquetFile::groups() const {
  return implementation_->groups();
}

std::uint64_t ParquetFile::rows() const {
  std::uint64_t rows = 0;
  for (const auto& group : groups()) rows += group.rows;
  return rows;
}

void ParquetFile::seek(std::uint64_t row) {
  implementation_->seek(row);
}
bool ParquetFile::next(std::string_view& json) {
  return implementation_->next(json);
}

}  // namespace farpoint::corpus
