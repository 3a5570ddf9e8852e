// SPDX-License-Identifier: Apache-2.0
// jobs/select/select.cpp: chooses the subset, measures what it covers, and writes subset.h5.
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "candidates.hpp"
#include "checkpoint.hpp"
#include "coverage_output.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/pipeline/need.hpp"
#include "farpoint/select/assignment.hpp"
#include "farpoint/select/coverage.hpp"
#include "jobs.hpp"
#include "memory.hpp"
#include "methods.hpp"
#include "options.hpp"
#include "subset_output.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Without an assignment coverage is measured on so many records, and the curve always.
constexpr std::uint64_t coverage_sample = 10'000;
/// Groups beyond so many labels are not told apart: nobody reads that table.
constexpr std::size_t most_groups = 1000;

class Select final : public CollectiveJob, public KnowsItsNeed {
 public:
  Select(SelectOptions options, const Node& where, const JobSetup& setup)
      : options_(std::move(options)), seed_(setup.config->run.seed) {
    check_options(options_, where, setup);
    for (const auto& column : setup.columns) {
      if (column.name == options_.vectors) column_ = {column.unit_length, column.curated_unit_length};
    }
    uses_gpu_ = options_.method == Method::k_center && !options_.parts && setup.config->run.device == Device::cuda;
    if (!options_.token_column.empty()) token_column_ = column_of_tokens(options_.token_column, setup.columns);
  }

  std::uint64_t version() const override { return 3; }

  std::vector<std::string> reads() const override {
    std::vector<std::string> columns;
    const bool labels_are_column = !options_.quota.by.empty() && !is_label_of_records(options_.quota.by);
    for (const auto& name :
         {options_.vectors, options_.score, token_column_, labels_are_column ? options_.quota.by : std::string()}) {
      if (!name.empty()) columns.push_back(name);
    }
    return columns;
  }

  Node options(bool results_only) const override { return encode(options_, results_only); }
  /// The comparison with a random subset always draws one.
  bool uses_seed() const override { return true; }
  std::string unit() const override { return "picks"; }
  std::string device() const override { return uses_gpu_ ? "cuda" : "cpu"; }
  Need estimate(const Workload& work) const override { return selection_need(options_, work); }
  bool makes_subset() const override { return true; }
  bool uses_curated() const override {
    return options_.curated == CuratedUse::start || options_.method == Method::target;
  }
  std::vector<std::string> outputs() const override {
    return options_.vectors.empty() ? std::vector<std::string>{"subset.h5"}
                                    : std::vector<std::string>{"subset.h5", "coverage.json"};
  }

  JobResult run(JobContext& context) override {
    const auto candidates = load_candidates(context, options_, column_);
    CuratedVectors curated;
    JobResult result;
    if (uses_curated()) {
      curated = load_curated(context, options_, column_, candidates.width);
      result.counters["curated"] = curated.total;
      if (curated.rejected > 0) result.counters["curated_no_direction"] = curated.rejected;
    }
    const auto limits = make_limits(context, options_, candidates);
    const auto start = std::chrono::steady_clock::now();
    auto chosen = choose({context, options_, candidates, curated, limits, seed_});
    result.work_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    // Curated vectors stand for candidates only where the selection started from them.
    const auto covering =
        options_.curated == CuratedUse::start ? std::span<const float>(curated.rows) : std::span<const float>();
    write(context, candidates, covering, chosen, result);
    if (options_.method == Method::k_center) Checkpoint(context, 0).remove();
    count(result, chosen, candidates);
    return result;
  }

 private:
  void write(JobContext& context, const LoadedCandidates& candidates, std::span<const float> curated,
             const Selection& chosen, JobResult& result) const {
    std::optional<select::Assignment> assignment;
    std::vector<select::CurvePoint> curve;
    if (candidates.rows) {
      auto& comm = context.comm();
      if (options_.assignment) {
        assignment = chosen.assignment
                         ? *chosen.assignment
                         : select::assign_to_chosen(comm, options_.metric, candidates.vectors(), chosen.ids, curated);
      }
      measure(context, candidates, curated, chosen, assignment, curve, result);
    }
    write_subset(context, {options_, candidates, chosen, assignment ? &*assignment : nullptr, curve});
  }

  void measure(JobContext& context, const LoadedCandidates& candidates, std::span<const float> curated,
               const Selection& chosen, const std::optional<select::Assignment>& assignment,
               std::vector<select::CurvePoint>& curve, JobResult& result) const {
    const select::ChosenSubset subset{options_.metric, candidates.vectors(), curated, chosen.ids};
    select::CoverageOptions how;
    how.seed = seed_ + 1;  // not the draw of the method random
    how.radii = options_.radii;
    if (!assignment) how.sample = coverage_sample;
    std::vector<select::Grouping> groupings{{candidates.sources, candidates.source_names.size()}};
    std::vector<NamedGrouping> names{{"source", candidates.source_names}};
    const bool by_label =
        !options_.quota.by.empty() && options_.quota.by != "source" && candidates.label_names.size() <= most_groups;
    if (by_label) {
      groupings.push_back({candidates.labels, candidates.label_names.size()});
      names.push_back({options_.quota.by, candidates.label_names});
    }
    const auto coverage =
        select::measure_coverage(context.comm(), subset, groupings, how, assignment ? &*assignment : nullptr);
    curve = select::coverage_curve(context.comm(), subset, coverage_sample, seed_);
    write_coverage(context, coverage, names, curve);
    tell(context, coverage, result);
  }

  static void tell(JobContext& context, const select::Coverage& coverage, JobResult& result) {
    const auto& all = coverage.overall;
    const auto keep = [&](const char* name, double value) {
      if (std::isfinite(value)) result.facts[name] = value;
    };
    keep("coverage_mean", all.subset.mean);
    keep("coverage_p95", all.subset.p95);
    if (all.random) {
      keep("random_mean", all.random->mean);
      keep("random_p95", all.random->p95);
    }
    if (context.comm().rank() != 0 || !all.random || all.measured == 0) return;
    log::info(
        "select: distance of a candidate to the nearest chosen: mean {:.4g}, 95 % {:.4g}, largest {:.4g}; of as many "
        "random records: {:.4g}, {:.4g}, {:.4g}{}",
        all.subset.mean, all.subset.p95, all.subset.max, all.random->mean, all.random->p95, all.random->max,
        coverage.is_sampled() ? fmt::format(" (measured on {} candidates)", all.measured) : "");
  }

  void count(JobResult& result, const Selection& chosen, const LoadedCandidates& candidates) const {
    result.units = chosen.ids.size();
    result.in = candidates.total + candidates.rejected_in_all();
    result.out = chosen.ids.size();
    result.rejected = candidates.rejected_in_all();
    for (const auto& [name, value] : chosen.counters) result.counters[name] = value;
    for (const auto& [reason, number] : candidates.rejected) result.counters[reason] = number;
    result.counters["picks"] = chosen.ids.size();
    result.counters["left"] = candidates.total - chosen.ids.size();
    for (const auto& [name, value] : chosen.facts) result.facts[name] = value;
    if (chosen.radius) result.facts["radius"] = *chosen.radius;
  }

  SelectOptions options_;
  std::uint64_t seed_;
  VectorColumn column_;
  std::string token_column_;
  bool uses_gpu_ = false;
};

}  // namespace

JobType select_job() {
  return job_type<Select, SelectOptions>("select", "chooses the subset and writes subset.h5");
}

}  // namespace farpoint::jobs
