// SPDX-License-Identifier: Apache-2.0
// jobs/select.cpp: chooses the subset and writes subset.h5.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <chrono>
#include <limits>
#include <optional>

#include "candidates.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/select/k_center.hpp"
#include "farpoint/select/random.hpp"
#include "jobs.hpp"
#include "subset_output.hpp"

namespace farpoint::jobs {

enum class Method { k_center, random };
enum class First { lowest_id, random };
enum class CuratedUse { ignore, start };

}  // namespace farpoint::jobs

namespace farpoint::pipeline {

template <>
struct Names<jobs::Method> {
  static constexpr std::array<std::string_view, 2> values{"k-center", "random"};
};
template <>
struct Names<select::Metric> {
  static constexpr std::array<std::string_view, 2> values{"cosine", "l2"};
};
template <>
struct Names<jobs::First> {
  static constexpr std::array<std::string_view, 2> values{"lowest-id", "random"};
};
template <>
struct Names<jobs::CuratedUse> {
  static constexpr std::array<std::string_view, 2> values{"ignore", "start"};
};

}  // namespace farpoint::pipeline

namespace farpoint::jobs {

namespace {

using namespace pipeline;

constexpr double no_radius = std::numeric_limits<double>::quiet_NaN();

struct Budget {
  std::optional<std::uint64_t> records;
  std::optional<double> fraction;
  std::optional<double> radius;

  static Fields<Budget> fields() {
    return {
        option("records", &Budget::records, "how many records"),
        option("fraction", &Budget::fraction,
               "which share of the candidates, rounded down, at least one (0.29 of 100 is 29)"),
        option("radius", &Budget::radius,
               "k-center: stop when the farthest candidate is at this distance or nearer; with a number of records, "
               "whichever comes first")};
  }
};

struct SelectOptions {
  Method method = Method::k_center;
  std::string vectors;
  select::Metric metric = select::Metric::cosine;
  Budget budget;
  First first = First::lowest_id;
  CuratedUse curated = CuratedUse::ignore;
  bool assignment = true;
  std::uint64_t pool_size = 256;

  static Fields<SelectOptions> fields() {
    using S = SelectOptions;
    return {
        option("method", &S::method, "k-center covers the pool: each pick is the record farthest from all before"),
        option("vectors", &S::vectors, "the column selected on; k-center needs it"),
        option("metric", &S::metric, "cosine: 1 - x.y of unit vectors; l2: the Euclidean distance"),
        option("budget", &S::budget, "how much is chosen").need(),
        option("first", &S::first, "the first pick of k-center without curated vectors"),
        option("curated", &S::curated, "start: k-center starts from the curated vectors, which are not emitted"),
        option("assignment", &S::assignment, "also find each candidate's nearest chosen record (/weight and /pool)"),
        option("pool_size", &S::pool_size, "records that one pass over the vectors may choose from").speed(),
    };
  }
};

class Select final : public CollectiveJob {
 public:
  Select(SelectOptions options, const Node& where, const JobSetup& setup)
      : options_(std::move(options)), seed_(setup.config->run.seed) {
    check_budget(where);
    check_vectors(where, setup);
    check_curated(where, setup);
  }

  std::uint64_t version() const override { return 2; }
  std::vector<std::string> reads() const override {
    return options_.vectors.empty() ? std::vector<std::string>{} : std::vector{options_.vectors};
  }
  Node options(bool results_only) const override { return encode(options_, results_only); }
  bool uses_seed() const override { return options_.method == Method::random || options_.first == First::random; }
  std::string unit() const override { return "picks"; }
  bool makes_subset() const override { return true; }
  bool uses_curated() const override { return options_.curated == CuratedUse::start; }
  std::vector<std::string> outputs() const override { return {"subset.h5"}; }

  JobResult run(JobContext& context) override {
    auto candidates = load_candidates(context, Population::pool, options_.vectors, rules(unit_length_));
    const auto total = comm::all_reduce(context.comm(), std::uint64_t{candidates.ids.size()}, comm::Reduction::sum);
    const auto start = std::chrono::steady_clock::now();
    JobResult result;
    Chosen chosen;
    if (options_.method == Method::random)
      chosen = choose_random(context, candidates, total);
    else
      chosen = choose_k_center(context, candidates, total, result);
    result.work_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result.units = chosen.ids.size();
    count(result, chosen, candidates, total);
    hand_over(chosen, std::move(candidates));
    write_subset(context, chosen);
    return result;
  }

 private:
  void check_budget(const Node& where) const {
    const auto& budget = options_.budget;
    const auto refuse = [&](std::string_view key, const std::string& message) {
      throw ConfigError(where.place_of(key), message);
    };
    if (budget.records && budget.fraction) refuse("budget", "'select.budget' takes either records or fraction");
    if (!budget.records && !budget.fraction && !budget.radius) {
      refuse("budget", "'select.budget' needs records, fraction or radius");
    }
    if (budget.records == std::optional<std::uint64_t>(0)) {
      refuse("budget.records", "'select.budget.records' must be at least 1");
    }
    if (budget.fraction && (*budget.fraction <= 0 || *budget.fraction > 1)) {
      refuse("budget.fraction",
             fmt::format("'select.budget.fraction' lies above 0 and up to 1, not at {}", *budget.fraction));
    }
    if (budget.radius && options_.method == Method::random) {
      refuse("budget.radius", "'select.budget.radius' is for k-center; random needs records or fraction");
    }
    if (budget.radius && *budget.radius < 0) {
      refuse("budget.radius", fmt::format("'select.budget.radius' cannot be negative: {}", *budget.radius));
    }
    check_bounds(where.place_of("pool_size"), "select.pool_size", options_.pool_size, 1, 1U << 20);
  }

  void check_vectors(const Node& where, const JobSetup& setup) const {
    std::vector<std::string> vector_columns;
    for (const auto& column : setup.columns) {
      if (column.in_pool && column.kind == ColumnSpec::Kind::vector) vector_columns.push_back(column.name);
    }
    if (options_.vectors.empty()) {
      if (options_.method == Method::random) return;
      throw ConfigError(where.place, fmt::format("'select' needs the key 'vectors' for k-center: {}",
                                                 vector_columns.empty()
                                                     ? "put an 'embed' or 'attach' before it"
                                                     : "one of " + fmt::format("{}", fmt::join(vector_columns, ", "))));
    }
    for (const auto& column : setup.columns) {
      if (column.name != options_.vectors || column.kind == ColumnSpec::Kind::vector) continue;
      throw ConfigError(where.place_of("vectors"), fmt::format("'select.vectors': the column '{}' holds one number a "
                                                               "record, not vectors",
                                                               column.name));
    }
  }

  void check_curated(const Node& where, const JobSetup& setup) {
    for (const auto& column : setup.columns) {
      if (column.name != options_.vectors) continue;
      unit_length_ = column.unit_length;
      curated_unit_length_ = column.curated_unit_length;
    }
    if (options_.curated == CuratedUse::ignore) return;
    const auto& place = where.place_of("curated");
    if (options_.method != Method::k_center) throw ConfigError(place, "'select.curated: start' is for k-center");
    if (setup.config->corpus.curated.empty()) {
      throw ConfigError(place, "'select.curated: start' needs curated records: list them under corpus.curated");
    }
    for (const auto& column : setup.columns) {
      if (column.name == options_.vectors && !column.in_curated) {
        throw ConfigError(place,
                          fmt::format("'select.curated: start': the column '{}' exists only for the pool; use an "
                                      "'embed' where the curated records are texts, or curated vectors with 'as: {}'",
                                      column.name, column.name));
      }
    }
  }

  CandidateRules rules(bool unit_length) const {
    return {options_.metric,
            unit_length,
            options_.method == Method::k_center,
            options_.budget.records,
            options_.budget.fraction,
            uses_curated(),
            options_.pool_size};
  }

  Chosen choose_random(JobContext& context, const Candidates& candidates, std::uint64_t total) const {
    Chosen chosen;
    chosen.ids =
        select::random_subset(context.comm(), candidates.ids, *record_budget(rules(unit_length_), total), seed_);
    chosen.radius = no_radius;
    return chosen;
  }

  Chosen choose_k_center(JobContext& context, const Candidates& candidates, std::uint64_t total,
                         JobResult& result) const {
    Candidates curated;
    curated.width = candidates.width;
    if (options_.curated == CuratedUse::start) {
      curated = load_candidates(context, Population::curated, options_.vectors, rules(curated_unit_length_));
      check_widths(context, candidates, curated);
      result.counters["curated"] =
          comm::all_reduce(context.comm(), std::uint64_t{curated.ids.size()}, comm::Reduction::sum);
      if (curated.rejected > 0) result.counters["curated_no_direction"] = curated.rejected;
    }
    select::KCenterOptions how;
    how.metric = options_.metric;
    how.limits.records = record_budget(rules(unit_length_), total);
    how.radius = options_.budget.radius;
    how.random_first = options_.first == First::random;
    how.seed = seed_;
    how.assignment = options_.assignment;
    how.pool_size = options_.pool_size;
    const auto target = how.records ? std::min(*how.records, total) : 0;
    auto picked = select::k_center(context.comm(), candidates.view(), curated.rows, how,
                                   [&](std::uint64_t picks) { context.progress(picks, target); });
    Chosen chosen;
    chosen.ids = std::move(picked.ids);
    chosen.distances = std::move(picked.distances);
    chosen.assigned = options_.assignment;
    chosen.weights = std::move(picked.weights);
    chosen.representatives = std::move(picked.representatives);
    chosen.radius = picked.radius;
    result.counters["passes"] = picked.passes;
    result.counters["collectives"] = picked.collectives;
    result.facts["radius"] = picked.radius;
    return chosen;
  }

  /// The file of curated vectors and the model of the pool's need not fit each other.
  void check_widths(JobContext& context, const Candidates& candidates, const Candidates& curated) const {
    comm::agree(context.comm(), [&] {
      if (candidates.width == curated.width || candidates.width == 0 || curated.width == 0) return;
      throw UsageError(
          fmt::format("select: the column '{}' has {} numbers a record in the pool and {} in the curated "
                      "records; both must come from the same model",
                      options_.vectors, candidates.width, curated.width));
    });
  }

  static void count(JobResult& result, const Chosen& chosen, const Candidates& candidates, std::uint64_t total) {
    result.in = total + candidates.rejected;
    result.out = chosen.ids.size();
    result.rejected = candidates.rejected;
    result.counters["picks"] = chosen.ids.size();
    result.counters["left"] = total - chosen.ids.size();
    if (candidates.rejected > 0) result.counters["no_direction"] = candidates.rejected;
  }

  void hand_over(Chosen& chosen, Candidates&& candidates) const {
    chosen.method = Codec<Method>::name_of(options_.method);
    chosen.vectors_name = options_.vectors;
    chosen.candidate_ids = std::move(candidates.ids);
    chosen.vectors = std::move(candidates.rows);
    chosen.width = candidates.width;
  }

  SelectOptions options_;
  std::uint64_t seed_;
  bool unit_length_ = false;          // of the pool's vectors
  bool curated_unit_length_ = false;  // of the curated ones, which may come from a file
};

}  // namespace

JobType select_job() {
  return job_type<Select, SelectOptions>("select", "chooses the subset and writes subset.h5");
}

}  // namespace farpoint::jobs
