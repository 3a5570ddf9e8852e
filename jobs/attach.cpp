// SPDX-License-Identifier: Apache-2.0
// jobs/attach.cpp: a column from a .npy file that has one row for each record of the pool.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>

#include "farpoint/base/error.hpp"
#include "farpoint/corpus/npy.hpp"
#include "jobs.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

struct AttachOptions {
  std::string as;
  std::string path;

  static Fields<AttachOptions> fields() {
    return {option("as", &AttachOptions::as, "name of the column").need(),
            option("path", &AttachOptions::path,
                   "a .npy file with a row for each record of the pool, rejected ones counted: rank 1 becomes numbers "
                   "(float64), rank 2 vectors (float32)")
                .need()};
  }
};

class Attach final : public ShardJob {
 public:
  Attach(AttachOptions options, const Node& where, const JobSetup& setup) : options_(std::move(options)) {
    if (const auto* column = finished_column(setup)) {
      width_ = column->kind == ColumnSpec::Kind::vector ? 1 : 0;
      return;
    }
    corpus::SourceSpec spec;
    spec.path = options_.path;
    spec.format = corpus::Format::npy;
    spec.as = options_.as;
    try {
      files_ = corpus::resolve(std::span(&spec, 1), setup.config->folder);
      if (files_.size() != 1) throw UsageError(fmt::format("'{}' names {} files", options_.path, files_.size()));
      const auto npy = open();
      width_ = npy.width();
      rows_ = npy.rows();
    } catch (const Error& error) {
      throw ConfigError(where.place_of("path"), fmt::format("'attach.path': {}", error.what()));
    }
    options_.path = files_[0].path.string();
  }

  std::string as() const override { return options_.as; }
  std::vector<ColumnSpec> writes() const override {
    return {{options_.as, width_ == 0 ? ColumnSpec::Kind::scalar : ColumnSpec::Kind::vector}};
  }
  Node options(bool results_only) const override {
    auto node = encode(options_, results_only);
    // Results depend on what is in the file, not on where it lies.
    if (results_only) std::erase_if(node.entries, [](const auto& entry) { return entry.key == "path"; });
    return node;
  }
  std::vector<corpus::InputFile> files() const override { return files_; }

  void check(std::uint64_t pool_records) const override {
    if (rows_ == pool_records) return;
    throw UsageError(
        fmt::format("{}: {} rows, but the pool has {} records; 'attach' needs one row for each record of "
                    "the pool, in its order, rejected ones counted",
                    options_.path, rows_, pool_records));
  }

  ShardResult process(const Shard& shard) const override {
    ShardResult result;
    if (width_ == 0)
      result.columns.push_back(read<double>(shard));
    else
      result.columns.push_back(read<float>(shard));
    return result;
  }

 private:
  const ColumnSpec* finished_column(const JobSetup& setup) const {
    if (setup.finished == nullptr) return nullptr;
    const auto found = std::find_if(setup.finished->begin(), setup.finished->end(),
                                    [&](const ColumnSpec& column) { return column.name == options_.as; });
    return found == setup.finished->end() ? nullptr : &*found;
  }

  corpus::NpyFile open() const { return {files_[0].path, files_[0].compression}; }

  /// The file stays open: shards come in order of id, and compressed data can only be read on.
  template <typename T>
  void read_rows(std::uint64_t begin, std::uint64_t count, std::span<T> rows) const {
    const std::lock_guard lock(mutex_);
    if (!npy_) npy_.emplace(open());
    npy_->read(begin, count, rows);
  }

  /// The rows of the shard's ids: read in one piece from the first to the last, then picked.
  template <typename T>
  store::Column read(const Shard& shard) const {
    const auto ids = shard.ids();
    store::Column column{options_.as, std::vector<T>{}, width_};
    if (ids.empty()) return column;
    const auto per_row = std::max<std::size_t>(width_, 1);
    const auto count = ids.back() - ids.front() + 1;
    std::vector<T> rows(count * per_row);
    read_rows(ids.front(), count, std::span(rows));
    auto& values = std::get<std::vector<T>>(column.values);
    values.reserve(ids.size() * per_row);
    for (const auto id : ids) {
      const auto begin = rows.begin() + static_cast<std::ptrdiff_t>((id - ids.front()) * per_row);
      values.insert(values.end(), begin, begin + static_cast<std::ptrdiff_t>(per_row));
    }
    return column;
  }

  AttachOptions options_;
  std::vector<corpus::InputFile> files_;
  std::size_t width_ = 0;
  std::uint64_t rows_ = 0;
  mutable std::mutex mutex_;
  mutable std::optional<corpus::NpyFile> npy_;
};

}  // namespace

JobType attach_job() {
  return job_type<Attach, AttachOptions>("attach", "a column from a .npy file, one row a record");
}

}  // namespace farpoint::jobs
