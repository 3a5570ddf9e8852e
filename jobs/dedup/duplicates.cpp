// SPDX-License-Identifier: Apache-2.0
#include "duplicates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <ranges>

#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/dedup/components.hpp"
#include "farpoint/dedup/exact.hpp"
#include "farpoint/dedup/id_flags.hpp"
#include "farpoint/dedup/near.hpp"
#include "farpoint/dedup/text_hash.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "farpoint/pipeline/stop.hpp"
#include "farpoint/text/characters.hpp"
#include "memory.hpp"
#include "phases.hpp"
#include "pool_texts.hpp"
#include "vectors.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

/// Texts that a thread hashes at a time.
constexpr std::size_t block_texts = 64;

/// In the order in which they follow each other.
constexpr std::array phases{DuplicateBy::exact, DuplicateBy::near, DuplicateBy::semantic, DuplicateBy::one_pass};

dedup::NearOptions near_options(const DedupOptions& options) {
  dedup::NearOptions near;
  near.threshold = *options.near.threshold;
  near.shingle = options.near.shingle;
  near.permutations = options.near.permutations;
  near.max_comparisons = options.near.max_comparisons;
  return near;
}

class Finder {
 public:
  Finder(PoolPass& pass, const DedupOptions& options, const std::filesystem::path& folder, std::uint64_t shard_records)
      : pass_(pass),
        options_(options),
        comm_(pass.comm()),
        folder_(folder),
        files_(comm_, folder, pass.fingerprint(), shard_records),
        components_(comm_, check_memory(pass, options)),
        hits_(comm_, components_.ids()) {}

  Duplicates find() {
    if (!restore()) {
      if (options_.near.threshold) near_.emplace(comm_, near_options(options_), folder_);
      read_records();
      found_.kept = found_.ids;
      found_.by.assign(found_.ids.size(), DuplicateBy::none);
    }
    for (const auto method : phases) {
      if (method <= done_ || !is_on(method)) continue;
      match(method);
      settle(method);
      const bool stops = pass_.stops().wanted();
      keep_phase(method, stops);
      if (stops) pass_.stops().stop();
    }
    mark_hits();
    return std::move(found_);
  }

 private:
  bool is_on(DuplicateBy method) const {
    switch (method) {
      case DuplicateBy::exact:
        return options_.exact.is_on;
      case DuplicateBy::near:
        return options_.near.threshold.has_value();
      case DuplicateBy::semantic:
        return options_.semantic.threshold.has_value();
      case DuplicateBy::one_pass:
        return options_.one_pass.threshold.has_value();
      default:
        return false;
    }
  }

  void match(DuplicateBy method) {
    switch (method) {
      case DuplicateBy::exact:
        return match_exact();
      case DuplicateBy::near:
        return match_near();
      case DuplicateBy::semantic:
        return match_semantic();
      default:
        return match_one_pass();
    }
  }

  /// 'exact' saves a pass over the texts: nothing where 'near' needs that pass again, or where nothing follows.
  bool is_worth_keeping(DuplicateBy method) const {
    if (method != DuplicateBy::exact) return true;
    return !options_.near.threshold && (options_.compares_vectors() || options_.substring.tokens);
  }

  /// Where one phase is over, and its outcome is kept if that would be missed: rank 0's clock decides for all.
  void keep_phase(DuplicateBy method, bool is_last) {
    if (!is_worth_keeping(method)) return;
    const std::chrono::duration<double> since = std::chrono::steady_clock::now() - kept_;
    bool is_due = is_last || since.count() >= options_.checkpoint_seconds;
    comm::broadcast(comm_, std::span(&is_due, 1));
    if (!is_due) return;
    files_.write(method, {found_, components_.labels(found_.ids), hits_.get(found_.ids)});
    kept_ = std::chrono::steady_clock::now();
  }

  /// Takes up what is left of the latest phase of an interrupted run. False where nothing can be used.
  bool restore() {
    for (const auto method : phases | std::views::reverse) {
      if (!is_on(method) || !is_worth_keeping(method) || !files_.has(method)) continue;
      done_ = method;
      read_records();
      auto state = files_.read(method, found_.ids);
      if (!state) {
        done_ = DuplicateBy::none;
        found_ = {};
        priorities_.clear();
        continue;
      }
      found_ = std::move(state->found);
      std::vector<dedup::Edge> edges;
      std::vector<std::uint64_t> hits;
      for (std::size_t i = 0; i < found_.ids.size(); ++i) {
        if (state->components[i] != found_.ids[i]) edges.push_back({state->components[i], found_.ids[i]});
        if (state->hits[i] != 0) hits.push_back(found_.ids[i]);
      }
      components_.join(edges);
      hits_.set(hits);
      return true;
    }
    return false;
  }

  /// One pass over the texts does for exact and near duplicates.
  void read_records() {
    for_each_compared_shard(pass_, options_.against, [&](const Shard& shard) {
      const bool in_pool = shard.population() == Population::pool;
      std::vector<std::uint64_t> ids;
      for (const auto id : shard.ids()) ids.push_back(dedup_id(shard.population(), id));
      if (in_pool) found_.ids.insert(found_.ids.end(), ids.begin(), ids.end());
      if (options_.compares_texts() || options_.keeps_longest()) read_texts(shard, ids);
      if (in_pool && !options_.score().empty()) {
        const auto& scores = shard.column(options_.score()).as<std::vector<double>>();
        priorities_.insert(priorities_.end(), scores.begin(), scores.end());
      }
    });
    priorities_.resize(found_.ids.size(), 0);
  }

  void read_texts(const Shard& shard, std::span<const std::uint64_t> ids) {
    if (ids.empty()) return;
    if (options_.keeps_longest() && shard.population() == Population::pool) {
      const auto texts = shard.texts(corpus::TextView::full);
      for (std::size_t i = 0; i < texts.size(); ++i)
        priorities_.push_back(static_cast<double>(text::count_characters(texts[i])));
    }
    if (!options_.compares_texts() || done_ != DuplicateBy::none) return;
    const auto texts = shard.texts(options_.text);
    if (options_.exact.is_on) hash_texts(texts, ids);
    if (near_) near_->add(ids, texts.views());
  }

  void hash_texts(const store::Strings& texts, std::span<const std::uint64_t> ids) {
    const auto first = hashed_.size();
    hashed_.resize(first + texts.size());
    parallel_for(texts.size(), block_texts, [&](std::size_t, std::size_t begin, std::size_t end) {
      std::string work;
      for (std::size_t i = begin; i < end; ++i) {
        hashed_[first + i] = {dedup::text_hash(texts[i], options_.exact.normalize, work), ids[i]};
      }
    });
  }

  void match_exact() {
    const auto matches = dedup::exact_matches(comm_, hashed_);
    hashed_ = {};
    components_.join(matches.edges);
    hits_.set(matches.curated_hits);
  }

  /// Of equal texts the first one is compared; what it finds holds for all.
  void match_near() {
    const auto labels = components_.labels(found_.ids);
    const auto hit = hits_.get(found_.ids);
    std::vector<std::uint8_t> active(found_.ids.size());
    for (std::size_t i = 0; i < active.size(); ++i) active[i] = labels[i] == found_.ids[i] && hit[i] == 0 ? 1 : 0;
    const auto curated = options_.against == Against::curated ? curated_records() : 0;
    active.resize(active.size() + curated, 1);
    PoolTexts texts(pass_, options_);
    const auto result = near_->find(texts, components_, active);
    near_.reset();
    hits_.set(result.curated_hits);
    const auto first_hit = hits_.get(labels);
    std::vector<std::uint64_t> copies_of_hits;
    for (std::size_t i = 0; i < first_hit.size(); ++i) {
      if (first_hit[i] != 0) copies_of_hits.push_back(found_.ids[i]);
    }
    hits_.set(copies_of_hits);
    found_.facts["near_candidates"] = static_cast<double>(result.candidates);
    found_.facts["near_compared"] = static_cast<double>(result.compared);
    found_.facts["near_capped"] = static_cast<double>(result.capped);
  }

  std::size_t curated_records() {
    std::size_t count = 0;
    pass_.for_each_shard(Population::curated, [&](const Shard& shard) { count += shard.ids().size(); });
    return count;
  }

  void match_semantic() {
    const auto [pool, curated] = load_rows(options_.semantic.vectors);
    take(join_semantic(comm_, pool, curated, options_.semantic, pass_.seed(), components_));
  }

  void match_one_pass() {
    const auto [pool, curated] = load_rows(options_.one_pass.vectors);
    const auto matches = join_one_pass(comm_, pool, curated, options_.one_pass, components_);
    take(matches);
    // The leaders are what the method keeps, though a record of their cluster may have a lower id.
    for (const auto leader : matches.leaders) {
      const auto at = std::lower_bound(found_.ids.begin(), found_.ids.end(), leader) - found_.ids.begin();
      priorities_[static_cast<std::size_t>(at)] = std::numeric_limits<double>::infinity();
    }
  }

  std::pair<UnitRows, UnitRows> load_rows(const std::string& column) {
    const auto hit = hits_.get(found_.ids);
    auto pool = load_unit_rows(pass_, Population::pool, column, [&](std::size_t i) { return hit[i] == 0; });
    UnitRows curated;
    if (options_.against == Against::curated) {
      curated = load_unit_rows(pass_, Population::curated, column, [](std::size_t) { return true; });
    }
    if (curated.width != 0 && pool.width != 0 && curated.width != pool.width) {
      throw comm::AgreedError(
          fmt::format("dedup: the vectors of the column '{}' have {} numbers in the pool and {} in "
                      "the curated records; both must come from the same model",
                      column, pool.width, curated.width));
    }
    curated.width = pool.width;
    return {std::move(pool), std::move(curated)};
  }

  void take(const VectorMatches& matches) {
    hits_.set(matches.curated_hits);
    for (const auto& [name, value] : matches.facts) found_.facts[name] = value;
  }

  /// Which record of each cluster stays, as far as it is known now; what has become a duplicate has done so by the
  /// method in hand. What duplicates a curated record belongs to no cluster.
  void settle(DuplicateBy method) {
    const auto hit = hits_.get(found_.ids);
    std::vector<std::uint64_t> ids;
    std::vector<double> priorities;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < found_.ids.size(); ++i) {
      if (hit[i] != 0) continue;
      ids.push_back(found_.ids[i]);
      priorities.push_back(priorities_[i]);
      rows.push_back(i);
    }
    const auto kept = dedup::kept_of_components(comm_, components_, ids, priorities);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto& by = found_.by[rows[i]];
      found_.kept[rows[i]] = kept[i];
      if (kept[i] == ids[i]) {
        by = DuplicateBy::none;
      } else if (by == DuplicateBy::none) {
        by = method;
      }
    }
  }

  void mark_hits() {
    const auto hit = hits_.get(found_.ids);
    for (std::size_t i = 0; i < hit.size(); ++i) {
      if (hit[i] == 0) continue;
      found_.kept[i] = of_curated;
      found_.by[i] = DuplicateBy::curated;
    }
  }

  PoolPass& pass_;
  const DedupOptions& options_;
  comm::Communicator& comm_;
  std::filesystem::path folder_;
  PhaseFiles files_;
  DuplicateBy done_ = DuplicateBy::none;  ///< the last phase that an interrupted run has done
  std::chrono::steady_clock::time_point kept_ = std::chrono::steady_clock::now();
  dedup::Components components_;
  dedup::IdFlags hits_;
  std::optional<dedup::NearDuplicates> near_;
  std::vector<dedup::HashedRecord> hashed_;
  std::vector<double> priorities_;  ///< by record: the highest of a cluster stays
  Duplicates found_;
};

}  // namespace

Duplicates find_duplicates(PoolPass& pass, const DedupOptions& options, const std::filesystem::path& folder,
                           std::uint64_t shard_records) {
  return Finder(pass, options, folder, shard_records).find();
}

}  // namespace farpoint::jobs
