// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "labels.hpp"

namespace farpoint::jobs {

using namespace pipeline;

Fields<Budget> Budget::fields() {
  return {option("records", &Budget::records, "how many records"),
          option("tokens", &Budget::tokens,
                 "how many tokens in all; the first record that does not fit ends the selection"),
          option("fraction", &Budget::fraction,
                 "which share of the candidates, rounded down, at least one (0.29 of 100 is 29)"),
          option("radius", &Budget::radius,
                 "k-center: stop when the farthest candidate is at this distance (times the score, if there is one) or "
                 "nearer; with another budget, whichever comes first")};
}

Fields<Quota> Quota::fields() {
  return {option("by", &Quota::by,
                 "what the labels are: source, a column of numbers, or record.KEY for a key of the records"),
          option("max", &Quota::max, "label to the most records of it"),
          option("min", &Quota::min, "label to the least; filled first, in the method's order"),
          option("share", &Quota::share,
                 "label to its share of the chosen records; labels that are not named share the rest as they are "
                 "frequent"),
          option("temperature", &Quota::temperature,
                 "shares in proportion to n^(1/temperature): 1 as frequent, more is more even")};
}

Fields<Index> Index::fields() {
  return {option("kind", &Index::kind,
                 "how neighbours are found: exactly, or among the nearest cells (docs/neighbours.md)"),
          option("cells", &Index::cells, "ivf: cells; unset: the square root of the number of candidates"),
          option("probes", &Index::probes, "ivf: cells that are looked into")};
}

Fields<SelectOptions> SelectOptions::fields() {
  using S = SelectOptions;
  return {
      option("method", &S::method, "how records are chosen (docs/selection.md)"),
      option("vectors", &S::vectors,
             "the column selected on; methods that choose by a number need none, and with one say what they cover"),
      option("metric", &S::metric, "cosine: 1 - x.y of unit vectors; l2: the Euclidean distance"),
      option("budget", &S::budget, "how much is chosen"),
      option("token_column", &S::token_column,
             "the column of a record's tokens, with or without '.tokens'; unset: white-space words of the full text"),
      option("quota", &S::quota, "how many of each label"),
      option("must_keep", &S::must_keep, "ids that are chosen first, whatever the budget and the quotas say"),
      option("score", &S::score,
             "the column that top and repr-filter rank by, k-means also within a cluster; importance takes it for the "
             "logarithm of the weight, and k-center multiplies the distance by it"),
      option("first", &S::first, "the first pick of k-center without curated vectors"),
      option("curated", &S::curated,
             "start: what is like the curated vectors, which are not emitted, counts as covered from the start"),
      option("threshold", &S::threshold,
             "repr-filter, one-pass: a record is kept when its largest cosine to the kept ones is below it (l2: its "
             "distance above it)"),
      option("outlier_fraction", &S::outlier_fraction,
             "k-center never chooses this share of the candidates, those with the farthest neighbours"),
      option("neighbors", &S::neighbors,
             "neighbours of a record: of facility-location's graph, and for outlier_fraction"),
      option("index", &S::index, "how they are found"),
      option("clusters", &S::clusters, "k-means: how many; unset: as many as records are chosen"),
      option("parts", &S::parts,
             "k-center: approximate, in so many parts and then among what they chose; unset: exact"),
      option("storage", &S::storage, "how vectors are held in memory; distances are those of the rounded numbers"),
      option("assignment", &S::assignment,
             "also find each candidate's nearest chosen record (/weight and /pool); without it coverage is measured on "
             "a sample"),
      option("radii", &S::radii, "distances for which the share of candidates within them is told"),
      option("memory_limit", &S::memory_limit,
             "memory that a rank may use for vectors; the others are read from the shard files when they are needed; "
             "unset: what is free")
          .speed(),
      option("pool_size", &S::pool_size, "k-center: records that one pass over the vectors may choose from, at first")
          .speed(),
      option("checkpoint_seconds", &S::checkpoint_seconds, "k-center: time between two writings of the picks so far")
          .speed(),
  };
}

bool SelectOptions::needs_vectors() const {
  switch (method) {
    case Method::importance:
    case Method::top:
    case Method::longest:
    case Method::random:
      return false;
    default:
      return true;
  }
}

namespace {

using Methods = std::vector<Method>;

class Checker {
 public:
  Checker(const SelectOptions& options, const Node& where, const JobSetup& setup)
      : options_(options), where_(where), setup_(setup) {}

  void check() const {
    check_budget();
    check_score();
    check_vectors();
    check_curated();
    check_quota();
    check_methods_own();
    check_numbers();
  }

 private:
  [[noreturn]] void refuse(std::string_view key, const std::string& message) const {
    throw ConfigError(where_.place_of(key), message);
  }
  std::string method() const { return std::string(Codec<Method>::name_of(options_.method)); }

  void only_for(std::string_view key, bool given, const Methods& methods) const {
    if (!given || std::find(methods.begin(), methods.end(), options_.method) != methods.end()) return;
    std::vector<std::string_view> names;
    for (const auto one : methods) names.push_back(Codec<Method>::name_of(one));
    refuse(key, fmt::format("'select.{}' is for {}, not for {}", key, fmt::join(names, ", "), method()));
  }

  void check_budget() const {
    const auto& budget = options_.budget;
    if (budget.records && budget.fraction) refuse("budget", "'select.budget' takes either records or fraction");
    const bool is_given = budget.records || budget.tokens || budget.fraction || budget.radius;
    if (!is_given && !options_.ends_by_itself()) {
      refuse("budget", "'select.budget' needs records, tokens, fraction or radius");
    }
    if (budget.records == std::optional<std::uint64_t>(0)) {
      refuse("budget.records", "'select.budget.records' must be at least 1");
    }
    if (budget.fraction && (*budget.fraction <= 0 || *budget.fraction > 1)) {
      refuse("budget.fraction",
             fmt::format("'select.budget.fraction' lies above 0 and up to 1, not at {}", *budget.fraction));
    }
    if (budget.tokens == std::optional<std::uint64_t>(0)) {
      refuse("budget.tokens", "'select.budget.tokens' must be at least 1");
    }
    only_for("budget.radius", budget.radius.has_value(), {Method::k_center});
    if (budget.radius && *budget.radius < 0) {
      refuse("budget.radius", fmt::format("'select.budget.radius' cannot be negative: {}", *budget.radius));
    }
    if (!options_.token_column.empty() && !budget.tokens) {
      refuse("token_column", "'select.token_column' says how 'budget: {tokens: N}' is counted, which is not there");
    }
    if (!options_.token_column.empty()) {
      const auto name = column_of_tokens(options_.token_column, setup_.columns);
      if (name.empty()) {
        refuse("token_column", fmt::format("'select.token_column': there is no column of numbers '{0}' or '{0}.tokens'",
                                           options_.token_column));
      }
    }
  }

  void check_score() const {
    if (options_.score.empty() && options_.needs_score()) {
      refuse("", fmt::format("'select' needs the key 'score' for {}: {}", method(), known(ColumnSpec::Kind::scalar)));
    }
    only_for("score", !options_.score.empty(),
             {Method::top, Method::repr_filter, Method::importance, Method::k_center, Method::k_means});
    check_kind("score", options_.score, ColumnSpec::Kind::scalar);
  }

  void check_vectors() const {
    if (options_.vectors.empty() && options_.needs_vectors()) {
      refuse("", fmt::format("'select' needs the key 'vectors' for {}: {}", method(), known(ColumnSpec::Kind::vector)));
    }
    check_kind("vectors", options_.vectors, ColumnSpec::Kind::vector);
  }

  /// Columns that may stand there, for an error.
  std::string known(ColumnSpec::Kind kind) const {
    std::vector<std::string> names;
    for (const auto& column : setup_.columns) {
      if (column.in_pool && column.kind == kind) names.push_back(column.name);
    }
    if (!names.empty()) return "one of " + fmt::format("{}", fmt::join(names, ", "));
    return kind == ColumnSpec::Kind::vector
               ? "put an 'embed' or 'attach' before it"
               : "put a job that writes numbers before it, such as 'perplexity' or 'attach'";
  }

  void check_kind(std::string_view key, const std::string& name, ColumnSpec::Kind kind) const {
    for (const auto& column : setup_.columns) {
      if (column.name != name || column.kind == kind) continue;
      refuse(key, fmt::format("'select.{}': the column '{}' holds {}", key, name,
                              kind == ColumnSpec::Kind::vector ? "one number a record, not vectors"
                                                               : "vectors, not one number a record"));
    }
  }

  void check_curated() const {
    only_for("curated", options_.curated == CuratedUse::start,
             {Method::k_center, Method::repr_filter, Method::one_pass, Method::facility_location});
    if (options_.curated == CuratedUse::ignore && options_.method != Method::target) return;
    const std::string_view key = options_.method == Method::target ? "method" : "curated";
    const auto what = options_.method == Method::target ? "'select.method: target'" : "'select.curated: start'";
    if (setup_.config->corpus.curated.empty()) {
      refuse(key, fmt::format("{} needs curated records: list them under corpus.curated", what));
    }
    for (const auto& column : setup_.columns) {
      if (column.name != options_.vectors || column.in_curated) continue;
      refuse(key, fmt::format("{}: the column '{}' exists only for the pool; use an 'embed' where the curated records "
                              "are texts, or curated vectors with 'as: {}'",
                              what, column.name, column.name));
    }
  }

  void check_quota() const {
    const auto& quota = options_.quota;
    if (quota.by.empty()) {
      if (!quota.max.empty() || !quota.min.empty() || !quota.share.empty() || quota.temperature) {
        refuse("quota", "'select.quota' needs the key 'by': source, a column, or record.KEY");
      }
      return;
    }
    if (quota.max.empty() && quota.min.empty() && quota.share.empty() && !quota.temperature) {
      refuse("quota", "'select.quota' needs max, min, share or temperature");
    }
    check_kind("quota.by", quota.by, ColumnSpec::Kind::scalar);
    const bool is_column = std::any_of(setup_.columns.begin(), setup_.columns.end(),
                                       [&](const auto& column) { return column.name == quota.by; });
    if (!is_column && !is_label_of_records(quota.by)) {
      refuse("quota.by",
             fmt::format("'select.quota.by': there is no column '{}'; it is source, a column of numbers, or "
                         "record.KEY for a key of the records",
                         quota.by));
    }
  }

  void check_methods_own() const {
    const Methods leaders{Method::repr_filter, Method::one_pass};
    only_for("threshold", options_.threshold.has_value(), leaders);
    if (options_.ends_by_itself() && !options_.threshold) {
      refuse("", fmt::format("'select' needs the key 'threshold' for {}", method()));
    }
    if (options_.metric == select::Metric::l2 && options_.threshold.value_or(0) < 0) {
      refuse("threshold",
             fmt::format("'select.threshold' is a distance under l2 and cannot be negative: {}", *options_.threshold));
    }
    only_for("first", options_.first == First::random, {Method::k_center});
    only_for("outlier_fraction", options_.outlier_fraction.has_value(), {Method::k_center});
    only_for("clusters", options_.clusters.has_value(), {Method::k_means});
    only_for("parts", options_.parts.has_value(), {Method::k_center});
    const bool counts_records = options_.budget.records || options_.budget.fraction;
    if (options_.method == Method::k_means && !counts_records) {
      refuse("budget", "'select.method: k-means' shares out a number of records: 'budget' needs records or fraction");
    }
    if (options_.method == Method::k_means && !options_.quota.by.empty()) {
      refuse("quota",
             "'select.quota': k-means shares the budget out among its clusters, and cannot keep quotas beside");
    }
    if (options_.parts) check_parts(counts_records);
  }

  void check_parts(bool counts_records) const {
    check_bounds(where_.place_of("parts"), "select.parts", *options_.parts, 2, 1U << 16);
    if (!counts_records || options_.budget.tokens || options_.budget.radius) {
      refuse("budget", "'select.parts' takes a budget of records or a fraction alone");
    }
    const bool has_more = !options_.quota.by.empty() || !options_.score.empty() || !options_.must_keep.empty() ||
                          options_.outlier_fraction || options_.first == First::random;
    if (has_more) {
      refuse("parts",
             "'select.parts' goes without quota, score, must_keep, first and outlier_fraction; the exact "
             "k-center has them");
    }
  }

  void check_numbers() const {
    check_bounds(where_.place_of("pool_size"), "select.pool_size", options_.pool_size, 1, 1U << 20);
    check_bounds(where_.place_of("neighbors"), "select.neighbors", options_.neighbors, 1, 1U << 12);
    check_bounds(where_.place_of("index.probes"), "select.index.probes", options_.index.probes, 1, 1U << 20);
    if (options_.clusters) {
      check_bounds(where_.place_of("clusters"), "select.clusters", *options_.clusters, 1, 1U << 24);
    }
    const auto fraction = options_.outlier_fraction;
    if (fraction && (*fraction < 0 || *fraction >= 1)) {
      refuse("outlier_fraction", fmt::format("'select.outlier_fraction' lies between 0 and 1, not at {}", *fraction));
    }
    if (options_.checkpoint_seconds < 0) {
      refuse("checkpoint_seconds", "'select.checkpoint_seconds' cannot be negative");
    }
    for (const double radius : options_.radii) {
      if (radius < 0) refuse("radii", fmt::format("'select.radii': a distance cannot be negative: {}", radius));
    }
  }

  const SelectOptions& options_;
  const Node& where_;
  const JobSetup& setup_;
};

}  // namespace

void check_options(const SelectOptions& options, const Node& where, const JobSetup& setup) {
  Checker(options, where, setup).check();
}

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

namespace {

struct Unit {
  std::string_view name;
  double bytes;
};

constexpr std::array units{Unit{"", 1},         Unit{"B", 1},        Unit{"kB", 1e3},    Unit{"KB", 1e3},
                           Unit{"MB", 1e6},     Unit{"GB", 1e9},     Unit{"TB", 1e12},   Unit{"KiB", 0x1p10},
                           Unit{"MiB", 0x1p20}, Unit{"GiB", 0x1p30}, Unit{"TiB", 0x1p40}};

}  // namespace

jobs::Bytes Codec<jobs::Bytes>::decode(const Node& node, const std::string& context) {
  constexpr std::string_view wanted = "a number of bytes, such as 8GB or 512MiB";
  if (node.kind != Node::Kind::scalar) throw_wrong_type(node, context, wanted);
  const std::string_view text = node.text;
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  const auto rest = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto name = rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& one) { return one.name == name; });
  const double bytes = unit == units.end() ? 0 : amount * unit->bytes;
  if (error != std::errc() || unit == units.end() || !(bytes >= 0 && bytes < 0x1p63)) {
    throw_wrong_type(node, context, wanted);
  }
  return {static_cast<std::uint64_t>(bytes)};
}

Node Codec<jobs::Bytes>::encode(jobs::Bytes value) {
  return Codec<std::uint64_t>::encode(value.count);
}

}  // namespace farpoint::pipeline
