// SPDX-License-Identifier: Apache-2.0
// jobs/filter.cpp: removes records by the values of scalar columns.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

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

/// What a record must meet, and what stands in the lists of another one.
struct Condition {
  std::map<std::string, Range> keep;
  std::optional<std::vector<Condition>> any;
  std::optional<std::vector<Condition>> all;

  static Fields<Condition> fields() {
    return {option("keep", &Condition::keep,
                   "column to range: {COLUMN: {min, max, min_quantile, max_quantile}}; a record stays when it lies in "
                   "all ranges, and never with NaN"),
            option("any", &Condition::any,
                   "list of conditions, of which a record must meet at least one: each is a map of keep, any and all "
                   "again"),
            option("all", &Condition::all, "list of conditions, of which a record must meet each")};
  }
};

/// Calls visit(column, range) for all ranges of a condition, always in the same order.
template <typename Visit>
void for_each_range(const Condition& condition, const Visit& visit) {
  for (const auto& [column, range] : condition.keep) visit(column, range);
  for (const auto* list : {&condition.all, &condition.any}) {
    if (!*list) continue;
    for (const Condition& inner : **list) for_each_range(inner, visit);
  }
}

bool has_quantile(const Range& range) {
  return range.min_quantile || range.max_quantile;
}

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

/// Throws ConfigError for what can never be meant. `context` names the condition: "filter.any.0".
class Check {
 public:
  explicit Check(const JobSetup& setup) : setup_(setup) {}

  void condition(const Condition& condition, const Node& where, const std::string& context, bool in_group) const {
    // A filter that keeps everything is a pool without anything else to do.
    const bool keeps = in_group ? !condition.keep.empty() : where.find("keep") != nullptr;
    if (!keeps && !condition.any && !condition.all) {
      throw ConfigError(where.place, fmt::format("'{}' needs keep, any or all", context));
    }
    for (const auto& [column, range] : condition.keep) {
      this->range(column, range, where.find("keep")->find(column)->place, context + ".keep." + column);
    }
    if (condition.any) list(*condition.any, *where.find("any"), context + ".any");
    if (condition.all) list(*condition.all, *where.find("all"), context + ".all");
  }

 private:
  void list(const std::vector<Condition>& conditions, const Node& where, const std::string& context) const {
    if (conditions.empty()) {
      throw ConfigError(where.place, fmt::format("'{}' is an empty list; leave it out, or list conditions", context));
    }
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      condition(conditions[i], where.items[i], fmt::format("{}.{}", context, i), true);
    }
  }

  void range(const std::string& column, const Range& range, const Place& place, const std::string& context) const {
    if (!range.min && !range.max && !has_quantile(range)) {
      throw ConfigError(place, fmt::format("'{}' needs min, max, min_quantile or max_quantile", context));
    }
    for (const auto& quantile : {range.min_quantile, range.max_quantile}) {
      if (!quantile || (*quantile >= 0 && *quantile <= 1)) continue;
      throw ConfigError(place, fmt::format("'{}': a quantile lies between 0 and 1, not at {}", context, *quantile));
    }
    for (const auto& known : setup_.columns) {
      if (known.name != column || known.kind == ColumnSpec::Kind::scalar) continue;
      const auto* what = known.kind == ColumnSpec::Kind::vector ? "vectors" : "ids of records";
      throw ConfigError(place, fmt::format("'{}': the column holds {}, not numbers", context, what));
    }
  }

  const JobSetup& setup_;
};

/// A condition on the records of one shard.
class Gate {
 public:
  /// `limits` begins with the low and the high of the condition's ranges, in the order of for_each_range(); what is
  /// used is taken off. Empty: there are no quantiles.
  Gate(const Condition& condition, const Shard& shard, std::span<const double>& limits) {
    for (const auto& [column, range] : condition.keep) {
      ranges_.push_back({column, numbers(shard, column),
                         std::max(range.min.value_or(-HUGE_VAL), next(limits, -HUGE_VAL)),
                         std::min(range.max.value_or(HUGE_VAL), next(limits, HUGE_VAL))});
    }
    // In the order of for_each_range().
    for (const auto& [list, gates] : {std::pair{&condition.all, &all_}, std::pair{&condition.any, &any_}}) {
      if (!*list) continue;
      for (const Condition& inner : **list) gates->emplace_back(inner, shard, limits);
    }
  }

  /// What keeps record i of the shard out: a column of `keep`, "all" or "any"; nullptr: it passes.
  const std::string* obstacle(std::size_t i) const {
    static const std::string name_of_all = "all";
    static const std::string name_of_any = "any";
    for (const Bounds& range : ranges_) {
      if (!range.holds(i)) return &range.column;
    }
    const auto passes = [i](const Gate& gate) { return gate.obstacle(i) == nullptr; };
    if (!std::all_of(all_.begin(), all_.end(), passes)) return &name_of_all;
    if (!any_.empty() && std::none_of(any_.begin(), any_.end(), passes)) return &name_of_any;
    return nullptr;
  }

 private:
  struct Bounds {
    std::string column;
    std::span<const double> values;
    double low = 0;
    double high = 0;
    // Written so that NaN fails.
    bool holds(std::size_t i) const { return values[i] >= low && values[i] <= high; }
  };

  static double next(std::span<const double>& limits, double if_none) {
    if (limits.empty()) return if_none;
    const double limit = limits.front();
    limits = limits.subspan(1);
    return limit;
  }

  std::vector<Bounds> ranges_;
  std::vector<Gate> all_, any_;
};

class Filter final : public ShardJob {
 public:
  Filter(Condition options, const Node& where, const JobSetup& setup) : options_(std::move(options)) {
    Check(setup).condition(options_, where, "filter", false);
  }

  std::vector<std::string> reads() const override {
    std::set<std::string> columns;
    for_each_range(options_, [&](const std::string& column, const Range&) { columns.insert(column); });
    return {columns.begin(), columns.end()};
  }
  bool removes_records() const override { return true; }
  Node options(bool results_only) const override { return encode(options_, results_only); }

  bool needs_preparation() const override {
    bool needs = false;
    for_each_range(options_, [&](const std::string&, const Range& range) { needs |= has_quantile(range); });
    return needs;
  }

  std::vector<store::Column> prepare(PoolPass& pass) override {
    std::vector<double> limits;
    for_each_range(options_, [&](const std::string& column, const Range& range) {
      const auto count = has_quantile(range) ? count_numbers(pass, column) : 0;
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
    });
    return {{"limits", std::move(limits)}};
  }

  void use(const std::vector<store::Column>& prepared) override { limits_ = prepared.at(0).as<std::vector<double>>(); }

  ShardResult process(const Shard& shard) const override {
    const auto ids = shard.ids();
    std::span<const double> limits = limits_;
    const Gate gate(options_, shard, limits);
    ShardResult result;
    auto& kept = result.kept.emplace();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (const std::string* obstacle = gate.obstacle(i)) {
        ++result.counters["filter:" + *obstacle];
      } else {
        kept.push_back(ids[i]);
      }
    }
    return result;
  }

 private:
  Condition options_;
  std::vector<double> limits_;  ///< low and high of each range's quantiles, in the order of for_each_range()
};

}  // namespace

JobType filter_job() {
  return job_type<Filter, Condition>("filter", "removes records by the values of columns");
}

}  // namespace farpoint::jobs
