// SPDX-License-Identifier: Apache-2.0
// jobs/nearest.cpp: how far each record's vector is from the nearest of a set of vectors.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "failed_records.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/corpus/npy.hpp"
#include "farpoint/select/nearest.hpp"
#include "jobs.hpp"
#include "metric.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

constexpr std::string_view curated_name = "curated";

struct NearestOptions {
  std::string to{curated_name};
  std::string as = "nearest";
  std::string vectors;
  select::Metric metric = select::Metric::cosine;

  static Fields<NearestOptions> fields() {
    using N = NearestOptions;
    return {option("to", &N::to,
                   "curated: the curated records' vectors of the same column; else a .npy file of vectors, one a row"),
            option("as", &N::as, "name of the column"),
            option("vectors", &N::vectors, "the column of vectors; unset: the only one that there is"),
            option("metric", &N::metric, "cosine: 1 - x.y of unit vectors; l2: the Euclidean distance")};
  }
};

/// Rows of vectors, one behind the other.
struct Rows {
  std::vector<float> numbers;
  std::size_t width = 0;
  std::uint64_t without_direction = 0;  ///< left out of `numbers`
};

class Nearest final : public ShardJob {
 public:
  Nearest(NearestOptions options, const Node& where, const JobSetup& setup) : options_(std::move(options)) {
    choose_column(where, setup);
    if (is_curated()) {
      check_curated(where, setup);
    } else if (!is_finished(setup)) {
      open_file(where, setup);
    }
  }

  std::string as() const override { return options_.as; }
  std::vector<std::string> reads() const override { return {options_.vectors}; }
  bool uses_curated() const override { return is_curated(); }
  std::vector<ColumnSpec> writes() const override { return {{options_.as, ColumnSpec::Kind::scalar}}; }
  Node options(bool results_only) const override {
    auto node = encode(options_, results_only);
    // Results depend on what is in the file, not on where it lies.
    if (results_only && !is_curated()) std::erase_if(node.entries, [](const auto& entry) { return entry.key == "to"; });
    return node;
  }
  std::vector<corpus::InputFile> files() const override { return files_; }

  bool needs_preparation() const override { return true; }
  bool prepares_from_pool() const override { return false; }

  /// The vectors that count. One rank reads them: they are few, and in this way their order is that of their ids.
  std::vector<store::Column> prepare(PoolPass& pass) override {
    struct Facts {
      std::uint64_t pool_width = 0, width = 0, without_direction = 0;
    } facts;
    auto numbers = pass.share([&] {
      auto targets = is_curated() ? read_curated(pass) : read_file();
      facts = {pool_width(pass), targets.width, targets.without_direction};
      return std::move(targets.numbers);
    });
    // What the other ranks add is 0.
    std::array sums{facts.pool_width, facts.width, facts.without_direction};
    pass.sum(sums);
    check_targets(sums[0], sums[1], sums[2], numbers);
    return {{"targets", std::move(numbers), sums[1]}};
  }

  void use(const std::vector<store::Column>& prepared) override { prepared_ = prepared.at(0); }

  void load(int) override {
    targets_.emplace(options_.metric, prepared_.as<std::vector<float>>(), prepared_.width);
    prepared_ = {};
  }
  void unload() override { targets_.reset(); }

  ShardResult process(const Shard& shard) const override {
    const auto& column = shard.column(options_.vectors);
    // prepare() has looked, but the column may have been made anew since it was kept.
    if (column.width != targets_->dimension() && column.rows() > 0) {
      throw UsageError(about_widths(column.width, targets_->dimension()));
    }
    std::vector<std::uint64_t> places;  // of those with a direction, in the shard
    std::vector<std::uint32_t> failed;
    Rows rows;
    rows.width = column.width;
    for (std::size_t i = 0; i < column.rows(); ++i) {
      if (append(column, i, unit_length_, rows)) {
        places.push_back(i);
      } else {
        failed.push_back(static_cast<std::uint32_t>(i));
      }
    }
    const auto values = targets_->values({rows.numbers, places, rows.width});
    std::vector<double> distances(column.rows(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < places.size(); ++i) {
      distances[places[i]] = select::shown_distance(options_.metric, values[i]);
    }
    failed_.tell("nearest " + options_.as, shard, failed, "their vectors have no direction");
    ShardResult result;
    result.columns.push_back({options_.as, std::move(distances)});
    result.failed = failed.size();
    return result;
  }

 private:
  bool is_curated() const { return options_.to == curated_name; }

  bool is_finished(const JobSetup& setup) const {
    return setup.finished != nullptr && std::any_of(setup.finished->begin(), setup.finished->end(),
                                                    [&](const auto& column) { return column.name == options_.as; });
  }

  void choose_column(const Node& where, const JobSetup& setup) {
    std::vector<std::string> names;
    for (const auto& column : setup.columns) {
      if (column.in_pool && column.kind == ColumnSpec::Kind::vector) names.push_back(column.name);
      if (column.name == options_.vectors && column.kind == ColumnSpec::Kind::scalar) {
        throw ConfigError(
            where.place_of("vectors"),
            fmt::format("'nearest.vectors': the column '{}' holds one number a record, not vectors", column.name));
      }
    }
    if (options_.vectors.empty()) {
      if (names.size() != 1) {
        throw ConfigError(where.place,
                          fmt::format("'nearest' needs the key 'vectors': {}",
                                      names.empty() ? "put an 'embed' or 'attach' before it"
                                                    : fmt::format("there are {}", fmt::join(names, ", "))));
      }
      options_.vectors = names.front();
    }
    for (const auto& column : setup.columns) {
      if (column.name == options_.vectors) unit_length_ = column.unit_length;
    }
  }

  void check_curated(const Node& where, const JobSetup& setup) {
    // Without any, the plan says so.
    if (setup.config->corpus.curated.empty()) return;
    for (const auto& column : setup.columns) {
      if (column.name != options_.vectors) continue;
      targets_unit_length_ = column.curated_unit_length;
      if (column.in_curated) continue;
      throw ConfigError(where.place_of("to"),
                        fmt::format("'nearest.to: curated': the column '{}' exists only for the pool; use an 'embed' "
                                    "where the curated records are texts, or curated vectors with 'as: {}'",
                                    column.name, column.name));
    }
  }

  void open_file(const Node& where, const JobSetup& setup) {
    corpus::SourceSpec spec;
    spec.path = options_.to;
    spec.format = corpus::Format::npy;
    spec.as = options_.as;
    try {
      files_ = corpus::resolve(std::span(&spec, 1), setup.config->folder);
      if (files_.size() != 1) throw UsageError(fmt::format("'{}' names {} files", options_.to, files_.size()));
      const corpus::NpyFile npy(files_[0].path, files_[0].compression);
      if (npy.width() == 0) {
        throw UsageError(
            fmt::format("{} holds one number a row; save an array of rank 2, a vector a row", files_[0].path.string()));
      }
      if (npy.rows() == 0) throw UsageError(fmt::format("{} has no rows", files_[0].path.string()));
    } catch (const Error& error) {
      throw ConfigError(where.place_of("to"), fmt::format("'nearest.to': {}", error.what()));
    }
    options_.to = files_[0].path.string();
  }

  /// Adds a row of `column` as distances are taken to it. False, and nothing added, when it has no direction.
  bool append(const store::Column& column, std::size_t row, bool is_unit, Rows& rows) const {
    const auto begin = column.as<std::vector<float>>().begin() + static_cast<std::ptrdiff_t>(row * column.width);
    const auto size = rows.numbers.size();
    rows.numbers.insert(rows.numbers.end(), begin, begin + static_cast<std::ptrdiff_t>(column.width));
    const auto added = std::span(rows.numbers).subspan(size);
    const bool scale = options_.metric == select::Metric::cosine && !is_unit;
    if (scale ? select::normalize(added) : select::is_finite(added)) return true;
    rows.numbers.resize(size);
    return false;
  }

  void append_all(const store::Column& column, bool is_unit, Rows& rows) const {
    rows.width = column.width;
    for (std::size_t i = 0; i < column.rows(); ++i) rows.without_direction += append(column, i, is_unit, rows) ? 0 : 1;
  }

  Rows read_curated(PoolPass& pass) const {
    Rows rows;
    pass.for_every_shard(Population::curated, [&](const Shard& shard) {
      append_all(shard.column(options_.vectors), targets_unit_length_, rows);
      return true;
    });
    return rows;
  }

  Rows read_file() const {
    corpus::NpyFile npy(files_.at(0).path, files_.at(0).compression);
    std::vector<float> numbers(npy.rows() * npy.width());
    npy.read(0, npy.rows(), numbers);
    Rows rows;
    append_all({"targets", std::move(numbers), npy.width()}, false, rows);
    return rows;
  }

  /// Of the first record that there is; 0 when there is none.
  std::uint64_t pool_width(PoolPass& pass) const {
    std::uint64_t width = 0;
    pass.for_every_shard(Population::pool, [&](const Shard& shard) {
      if (!shard.ids().empty()) width = shard.column(options_.vectors).width;
      return width == 0;
    });
    return width;
  }

  std::string target_name() const { return is_curated() ? "the curated records" : options_.to; }

  /// All ranks hold the same numbers, so what one throws, all throw.
  void check_targets(std::uint64_t pool_width, std::uint64_t width, std::uint64_t without_direction,
                     std::span<const float> numbers) const {
    if (numbers.empty()) {
      const auto reason = without_direction == 0 ? "there are none (rejects.jsonl lists faulty records)"
                                                 : fmt::format("none of the {} has a direction", without_direction);
      throw comm::AgreedError(fmt::format("nearest {}: no vectors to measure from in {}: {}; mend {}", options_.as,
                                          target_name(), reason, is_curated() ? "corpus.curated" : "the file"));
    }
    if (pool_width != 0 && pool_width != width) {
      throw comm::AgreedError(about_widths(pool_width, width), ExitCode::usage);
    }
    if (without_direction == 0) return;
    log::warning("nearest {}: {} vectors of {} have no direction and are left out", options_.as, without_direction,
                 target_name());
  }

  std::string about_widths(std::uint64_t pool_width, std::uint64_t width) const {
    return fmt::format(
        "nearest {}: the vectors of the column '{}' have {} numbers in the pool and {} in {}; both must "
        "come from the same model",
        options_.as, options_.vectors, pool_width, width, target_name());
  }

  NearestOptions options_;
  std::vector<corpus::InputFile> files_;  ///< the targets', unless they are the curated records
  bool unit_length_ = false;              ///< of the pool's vectors
  bool targets_unit_length_ = false;
  FailedRecords failed_;
  store::Column prepared_;
  std::optional<select::NearestTargets> targets_;
};

}  // namespace

JobType nearest_job() {
  return job_type<Nearest, NearestOptions>(
      "nearest", "how far each record's vector is from the nearest of a set of vectors (docs/like-or-unlike.md)");
}

}  // namespace farpoint::jobs
