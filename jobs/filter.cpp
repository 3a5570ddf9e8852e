// SPDX-License-Identifier: Apache-2.0
// jobs/filter.cpp: removes records by the values of scalar columns.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>

#include "farpoint/base/error.hpp"
#include "farpoint/base/ordered_bits.hpp"
#include "jobs.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

struct Range {
  std::optional<double> min;
  std::optional<double> max;
  std::optional<double> min_quantile;
  std::optional<double> max_quantile;

  static Fields<Range> fields() {
    return {option("min", &Range::min, "keep records whose value is at least this"),
            option("max", &Range::max, "keep records whose value is at most this"),
            option("min_quantile", &Range::min_quantile, "keep records at or above this quantile of the pool, 0 to 1"),
            option("max_quantile", &Range::max_quantile, "keep records at or below this quantile of the pool, 0 to 1")};
  }
};

struct FilterOptions {
  std::map<std::string, Range> keep;
  static Fields<FilterOptions> fields() {
    return {option("keep", &FilterOptions::keep,
                   "column to range: {COLUMN: {min, max, min_quantile, max_quantile}}; a record stays when it lies in "
                   "all ranges, and never with NaN")
                .need()};
  }
};

const std::vector<double>& numbers(const Shard& shard, const std::string& column) {
  return shard.column(column).as<std::vector<double>>();
}

/// How many of the pool's values are not NaN.
std::uint64_t count_numbers(PoolPass& pass, const std::string& column) {
  std::uint64_t count = 0;
  pass.for_each_shard([&](const Shard& shard) {
    for (const double value : numbers(shard, column)) count += std::isnan(value) ? 0 : 1;
  });
  pass.sum(std::span(&count, 1));
  return count;
}

/// The value of rank `rank` (from 0) among all ranks' values, exactly: 16 bits a pass over the column, by counting.
double order_statistic(PoolPass& pass, const std::string& column, std::uint64_t rank) {
  std::uint64_t prefix = 0;
  for (int shift = 48; shift >= 0; shift -= 16) {
    std::vector<std::uint64_t> counts(1 << 16, 0);
    pass.for_each_shard([&](const Shard& shard) {
      for (const double value : numbers(shard, column)) {
        if (std::isnan(value)) continue;
        const auto bits = ordered_bits(value);
        const bool in_reach = shift == 48 || (bits >> (shift + 16)) == prefix;
        if (in_reach) ++counts[(bits >> shift) & 0xFFFF];
      }
    });
    pass.sum(counts);
    std::uint64_t digit = 0;
    while (rank >= counts[digit]) rank -= counts[digit++];
    prefix = prefix << 16 | digit;
  }
  return from_ordered_bits(prefix);
}

class Filter final : public ShardJob {
 public:
  Filter(FilterOptions options, const Node& where, const JobSetup& setup) : options_(std::move(options)) {
    for (const auto& [column, range] : options_.keep) {
      const auto& place = where.find("keep")->find(column)->place;
      check_range(column, range, place);
      for (const auto& known : setup.columns) {
        if (known.name != column || known.kind == ColumnSpec::Kind::scalar) continue;
        throw ConfigError(place, fmt::format("'filter.keep.{}': the column holds vectors, not numbers", column));
      }
    }
  }

  std::vector<std::string> reads() const override {
    std::vector<std::string> columns;
    for (const auto& [column, range] : options_.keep) columns.push_back(column);
    return columns;
  }
  bool removes_records() const override { return true; }
  Node options(bool results_only) const override { return encode(options_, results_only); }

  bool needs_preparation() const override {
    return std::any_of(options_.keep.begin(), options_.keep.end(),
                       [](const auto& entry) { return entry.second.min_quantile || entry.second.max_quantile; });
  }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    std::vector<double> limits;
    for (const auto& [column, range] : options_.keep) {
      const auto count = range.min_quantile || range.max_quantile ? count_numbers(pass, column) : 0;
      const auto last = static_cast<double>(count == 0 ? 0 : count - 1);
      // The records at or beyond numpy.quantile's linear interpolation are those at or beyond the order statistic next
      // to it on the inner side.
      limits.push_back(
          range.min_quantile && count > 0
              ? order_statistic(pass, column, static_cast<std::uint64_t>(std::ceil(*range.min_quantile * last)))
              : -HUGE_VAL);
      limits.push_back(
          range.max_quantile && count > 0
              ? order_statistic(pass, column, static_cast<std::uint64_t>(std::floor(*range.max_quantile * last)))
              : HUGE_VAL);
    }
    return {{"limits", std::move(limits)}};
  }

  void use(const std::vector<store::Column>& prepared) override { limits_ = prepared.at(0).as<std::vector<double>>(); }

  ShardResult process(const Shard& shard) const override {
    const auto ids = shard.ids();
    const auto gates = gates_of(shard);
    ShardResult result;
    auto& kept = result.kept.emplace();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto shut = std::find_if(gates.begin(), gates.end(), [&](const Gate& gate) { return !gate.lets(i); });
      if (shut == gates.end()) {
        kept.push_back(ids[i]);
      } else {
        ++result.counters["filter:" + shut->column];
      }
    }
    return result;
  }

 private:
  static void check_range(const std::string& column, const Range& range, const Place& place) {
    if (!range.min && !range.max && !range.min_quantile && !range.max_quantile) {
      throw ConfigError(place, fmt::format("'filter.keep.{}' needs min, max, min_quantile or max_quantile", column));
    }
    for (const auto& quantile : {range.min_quantile, range.max_quantile}) {
      if (!quantile || (*quantile >= 0 && *quantile <= 1)) continue;
      throw ConfigError(place,
                        fmt::format("'filter.keep.{}': a quantile lies between 0 and 1, not at {}", column, *quantile));
    }
  }

  /// What a shard's records must pass: the values of a column, and their range.
  struct Gate {
    std::string column;
    std::span<const double> values;
    double low = 0;
    double high = 0;
    // Written so that NaN fails.
    bool lets(std::size_t i) const { return values[i] >= low && values[i] <= high; }
  };

  std::vector<Gate> gates_of(const Shard& shard) const {
    std::vector<Gate> gates;
    for (const auto& [column, range] : options_.keep) {
      const std::size_t at = 2 * gates.size();
      gates.push_back({column, numbers(shard, column),
                       std::max(range.min.value_or(-HUGE_VAL), limits_.empty() ? -HUGE_VAL : limits_[at]),
                       std::min(range.max.value_or(HUGE_VAL), limits_.empty() ? HUGE_VAL : limits_[at + 1])});
    }
    return gates;
  }

  FilterOptions options_;
  std::vector<double> limits_;  ///< low and high of each column's quantiles
};

}  // namespace

JobType filter_job() {
  return job_type<Filter, FilterOptions>("filter", "removes records by the values of columns");
}

}  // namespace farpoint::jobs
