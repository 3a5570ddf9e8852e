// SPDX-License-Identifier: Apache-2.0
#include "methods.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "checkpoint.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/stop.hpp"
#include "farpoint/score/importance.hpp"
#include "farpoint/select/coreset.hpp"
#include "farpoint/select/facility_location.hpp"
#include "farpoint/select/k_center.hpp"
#include "farpoint/select/k_means.hpp"
#include "farpoint/select/leader.hpp"
#include "farpoint/select/nearest.hpp"
#include "farpoint/select/outliers.hpp"
#include "farpoint/select/quota.hpp"
#include "farpoint/select/random.hpp"
#include "farpoint/select/ranking.hpp"
#include "farpoint/select/target.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Queries on which an approximate index is compared with the exact one.
constexpr std::size_t recall_sample = 256;

class Methods {
 public:
  explicit Methods(const MethodInput& input)
      : input_(input),
        comm_(input.context.comm()),
        options_(input.options),
        candidates_(input.candidates),
        ledger_(input.limits) {}

  Selection choose() {
    switch (options_.method) {
      case Method::k_center:
        if (options_.parts) return k_center_in_parts();
        return k_center();
      case Method::repr_filter:
      case Method::one_pass:
        return leaders();
      case Method::facility_location:
        return facility_location();
      case Method::k_means:
        return k_means();
      case Method::target:
        return target();
      case Method::importance:
        return importance();
      case Method::top:
      case Method::longest:
        return by_values(candidates_.values);
      case Method::random:
        return at_random();
    }
    throw Error("select: a method without a program");
  }

 private:
  void show(std::uint64_t picks) const {
    const auto most = input_.limits.records;
    input_.context.progress(picks, most == select::Limits::no_limit ? 0 : std::min(most, candidates_.total));
  }
  select::PickProgress shows() const {
    return [this](std::uint64_t picks) {
      show(picks);
      input_.context.stops().point();
    };
  }

  select::KCenterOptions k_center_options() const {
    select::KCenterOptions how;
    how.metric = options_.metric;
    how.limits = input_.limits;
    how.radius = options_.budget.radius;
    how.must_keep = options_.must_keep;
    how.random_first = options_.first == First::random;
    how.seed = input_.seed;
    // The assignment comes with its distances, for all methods alike (coverage).
    how.assignment = false;
    how.pool_size = options_.pool_size;
    if (input_.context.config().run.device == Device::cuda) {
      how.device = select::Device::cuda;
      how.gpu = input_.context.node_rank() % std::max(select::cuda_devices(), 1);
    }
    return how;
  }

  static Selection take(select::KCenterResult&& picked) {
    Selection chosen;
    chosen.ids = std::move(picked.ids);
    chosen.distances = std::move(picked.distances);
    chosen.radius = picked.radius;
    chosen.counters["passes"] = picked.costs.passes;
    chosen.counters["collectives"] = picked.costs.collectives;
    chosen.counters["distances"] = picked.costs.distances;
    return chosen;
  }

  Selection k_center() {
    Checkpoint checkpoint(input_.context, options_.checkpoint_seconds);
    const auto before = checkpoint.load();
    std::vector<std::uint8_t> barred;
    Selection facts;
    if (options_.outlier_fraction) barred = outliers(facts);
    auto chosen = take(select::k_center(
        comm_, {candidates_.vectors(), candidates_.charges(), candidates_.values, barred}, input_.curated.rows,
        k_center_options(),
        [&](const select::KCenterPicks& so_far) {
          show(so_far.ids.size());
          checkpoint.offer(so_far);
          auto& stops = input_.context.stops();
          if (!stops.wanted()) return;
          checkpoint.write(so_far);
          stops.stop();
        },
        before));
    chosen.counters.merge(facts.counters);
    chosen.facts.merge(facts.facts);
    chosen.is_approximate = facts.is_approximate;
    if (!before.ids.empty()) chosen.counters["resumed_picks"] = before.ids.size();
    return chosen;
  }

  Selection k_center_in_parts() {
    auto picked = select::k_center_in_parts(comm_, candidates_.vectors(), input_.curated.rows, k_center_options(),
                                            static_cast<std::size_t>(*options_.parts), shows());
    const auto extra_radius = picked.radius - picked.coreset_radius;
    const auto coreset = picked.coreset_records;
    auto assignment = std::move(picked.assignment);
    auto chosen = take(std::move(picked));
    chosen.assignment = std::move(assignment);
    chosen.is_approximate = true;
    chosen.counters["coreset_records"] = coreset;
    chosen.facts["extra_radius"] = extra_radius;
    return chosen;
  }

  select::NeighbourOptions neighbour_options() const {
    select::NeighbourOptions how;
    how.metric = options_.metric;
    how.kind = options_.index.kind;
    how.cells = static_cast<std::size_t>(options_.index.cells.value_or(0));
    how.probes = static_cast<std::size_t>(options_.index.probes);
    how.seed = input_.seed;
    return how;
  }

  /// Each candidate's nearest others; with an approximate index also how good it is.
  select::Neighbours neighbours(Selection& chosen) const {
    const auto how = neighbour_options();
    const auto vectors = candidates_.vectors();
    const select::NeighbourIndex index(comm_, vectors, how);
    const auto k = static_cast<std::size_t>(options_.neighbors);
    auto found = index.nearest(vectors, k, true);
    if (how.kind == select::IndexKind::ivf) {
      const auto recall = select::measured_recall(comm_, index, vectors, vectors, k, recall_sample, how, true);
      chosen.facts["recall"] = recall.value();
      chosen.is_approximate = true;
    }
    return found;
  }

  /// Marks the candidates that lie alone.
  std::vector<std::uint8_t> outliers(Selection& chosen) const {
    const auto values = select::kth_neighbour_values(neighbours(chosen));
    auto flags = select::farthest_fraction(comm_, candidates_.ids, values, *options_.outlier_fraction);
    const auto mine = static_cast<std::uint64_t>(std::count(flags.begin(), flags.end(), 1));
    chosen.counters["outliers"] = comm::all_reduce(comm_, mine, comm::Reduction::sum);
    return flags;
  }

  Selection leaders() {
    const select::LeaderOptions how{options_.metric, *options_.threshold};
    const auto vectors = candidates_.vectors();
    auto kept = options_.method == Method::one_pass
                    ? select::one_pass(comm_, vectors, candidates_.charges(), input_.curated.rows, options_.must_keep,
                                       how, ledger_, shows())
                    : select::repr_filter(comm_, vectors, candidates_.values, candidates_.charges(),
                                          input_.curated.rows, options_.must_keep, how, ledger_, shows());
    Selection chosen;
    chosen.ids = std::move(kept.ids);
    chosen.distances = std::move(kept.distances);
    chosen.counters["near"] = kept.near;
    return chosen;
  }

  Selection facility_location() {
    Selection chosen;
    const auto graph = neighbours(chosen);
    std::vector<double> covered;
    if (options_.curated == CuratedUse::start) covered = covered_by_curated();
    select::FacilityLocationOptions how;
    how.metric = options_.metric;
    how.neighbours = graph.k;
    how.pool_size = static_cast<std::size_t>(options_.pool_size);
    auto found = select::facility_location(comm_, candidates_.ids, graph, candidates_.charges(), options_.must_keep,
                                           covered, how, ledger_);
    chosen.ids = std::move(found.ids);
    chosen.gains = std::move(found.gains);
    chosen.counters["passes"] = found.passes;
    chosen.facts["objective"] = found.objective;
    return chosen;
  }

  /// Each candidate's canonical value to the nearest curated vector.
  std::vector<double> covered_by_curated() const {
    const auto all = comm::all_gather<float>(comm_, input_.curated.rows);
    return select::NearestTargets(options_.metric, all.data, candidates_.width).values(candidates_.vectors());
  }

  /// Clusters are strata of the budget; of a cluster the best by score are taken, or the nearest to its centre.
  Selection k_means() {
    const auto records = std::min(input_.limits.records, candidates_.total);
    select::KMeansOptions how;
    how.metric = options_.metric;
    how.clusters = static_cast<std::size_t>(options_.clusters.value_or(records));
    how.seed = input_.seed;
    const auto found = select::k_means(comm_, candidates_.vectors(), how);
    auto charges = candidates_.charges();
    Selection chosen;
    chosen.counters["clusters"] = found.clusters;
    auto values = candidates_.values;
    if (values.empty()) {
      values = found.distances;
      for (double& value : values) value = -value;
    }
    // As strata: every cluster as it is frequent, but none without a record as long as there are enough.
    const bool enough_for_all = records >= found.clusters;
    std::vector<select::LabelQuota> clusters;
    for (std::size_t cluster = 0; cluster < found.clusters; ++cluster) {
      select::LabelQuota one;
      one.name = fmt::format("cluster {}", cluster);
      one.candidates = found.sizes[cluster];
      if (enough_for_all) one.least = std::min<std::uint64_t>(1, one.candidates);
      clusters.push_back(std::move(one));
    }
    auto limits = input_.limits;
    limits.labels = select::make_quotas(clusters, records, 1.0).labels;
    charges.labels = found.labels;
    select::Ledger strata(limits);
    chosen.ids = select::choose_largest(comm_, candidates_.ids, values, charges, options_.must_keep, strata);
    return chosen;
  }

  Selection target() {
    const select::Vectors targets(input_.curated.rows, input_.curated.ids, candidates_.width);
    auto taken = select::choose_for_targets(comm_, candidates_.vectors(), targets, candidates_.charges(),
                                            options_.must_keep, options_.metric, ledger_, shows());
    Selection chosen;
    chosen.ids = std::move(taken.ids);
    chosen.distances = std::move(taken.distances);
    chosen.targets = std::move(taken.targets);
    chosen.counters["targets"] = input_.curated.total;
    chosen.counters["passes"] = taken.passes;
    return chosen;
  }

  /// Gumbel top-k: a draw without replacement in proportion to the weights.
  Selection importance() {
    std::vector<double> keys(candidates_.values.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      keys[i] = score::gumbel_key(candidates_.values[i], input_.seed, candidates_.ids[i]);
    }
    return by_values(keys);
  }

  Selection by_values(std::span<const double> values) {
    Selection chosen;
    chosen.ids =
        select::choose_largest(comm_, candidates_.ids, values, candidates_.charges(), options_.must_keep, ledger_);
    return chosen;
  }

  Selection at_random() {
    Selection chosen;
    chosen.ids = select::choose_at_random(comm_, candidates_.ids, candidates_.charges(), options_.must_keep,
                                          input_.seed, ledger_);
    return chosen;
  }

  const MethodInput& input_;
  comm::Communicator& comm_;
  const SelectOptions& options_;
  const LoadedCandidates& candidates_;
  select::Ledger ledger_;
};

/// Labels that the configuration names must be there: a slip of the pen would silently lift a limit.
template <typename Value>
void check_names(const std::map<std::string, Value>& named, std::string_view key, const LoadedCandidates& candidates) {
  const auto& names = candidates.label_names;
  for (const auto& [name, value] : named) {
    if (std::binary_search(names.begin(), names.end(), name)) continue;
    throw UsageError(fmt::format("select: 'quota.{}' names the label '{}', which no candidate has{}", key, name,
                                 suggestion(name, names)));
  }
}

/// How many candidates each label has, over all ranks.
std::vector<std::uint64_t> count_labels(comm::Communicator& comm, const LoadedCandidates& candidates) {
  std::vector<std::uint64_t> counts(candidates.label_names.size(), 0);
  for (const auto label : candidates.labels) ++counts[label];
  comm::all_reduce(comm, std::span<std::uint64_t>(counts), comm::Reduction::sum);
  return counts;
}

template <typename Value>
std::optional<Value> value_of(const std::map<std::string, Value>& named, const std::string& name) {
  const auto found = named.find(name);
  return found == named.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

Selection choose(const MethodInput& input) {
  return Methods(input).choose();
}

select::Limits make_limits(JobContext& context, const SelectOptions& options, const LoadedCandidates& candidates) {
  select::Limits limits;
  const auto records = record_budget(options.budget, candidates.total);
  if (records) limits.records = *records;
  if (options.budget.tokens) limits.tokens = *options.budget.tokens;
  if (options.quota.by.empty()) return limits;
  const auto counts = count_labels(context.comm(), candidates);
  comm::agree(context.comm(), [&] {
    check_names(options.quota.max, "max", candidates);
    check_names(options.quota.min, "min", candidates);
    check_names(options.quota.share, "share", candidates);
    std::vector<select::LabelQuota> asked;
    for (std::size_t label = 0; label < counts.size(); ++label) {
      const auto& name = candidates.label_names[label];
      asked.push_back({name, counts[label], value_of(options.quota.min, name), value_of(options.quota.max, name),
                       value_of(options.quota.share, name)});
    }
    const auto quotas = select::make_quotas(asked, records, options.quota.temperature);
    limits.labels = quotas.labels;
    if (context.comm().rank() != 0) return;
    for (const auto label : quotas.unmet) {
      log::warning("select: the quota's minimum for '{}' is {}, but only {} candidates have this label",
                   asked[label].name, *asked[label].least, asked[label].candidates);
    }
  });
  return limits;
}

}  // namespace farpoint::jobs
