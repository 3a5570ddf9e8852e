// SPDX-License-Identifier: Apache-2.0
#include "candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/map.hpp>
#include <cmath>

#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "memory.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// k-center multiplies distances by it.
constexpr double largest_factor = 1e150;

bool is_weighted(const SelectOptions& options) {
  return options.method == Method::k_center && !options.score.empty();
}

RowForm form_of(const SelectOptions& options, bool unit_length) {
  return {options.metric == select::Metric::cosine && !unit_length, options.storage};
}

/// `fraction` of `count`, rounded down. 0.29 * 100 is 28.999999999999996 in binary: what is as near to a whole number
/// as the two roundings (of the fraction and of the product) can bring it counts as that number.
std::uint64_t share_of(double fraction, std::uint64_t count) {
  const double share = fraction * static_cast<double>(count);
  const double nearest = std::round(share);
  const bool whole = std::abs(share - nearest) <= share * 2 * std::numeric_limits<double>::epsilon();
  return static_cast<std::uint64_t>(whole ? nearest : std::floor(share));
}

/// Takes in one shard after the other.
class Loader {
 public:
  Loader(JobContext& context, const SelectOptions& options, const VectorColumn& column)
      : context_(context),
        options_(options),
        form_(form_of(options, column.unit_length)),
        token_column_(options.token_column.empty() ? "" : column_of_tokens(options.token_column, context.columns())) {}

  LoadedCandidates load() {
    const auto need = plan_memory(context_, options_);
    resident_rows_ = need.resident_rows;
    loaded_.width = need.width;
    loaded_.ids.reserve(need.rows);
    if (!options_.vectors.empty()) {
      loaded_.rows = std::make_unique<StreamedRows>(need.width, form_);
      loaded_.rows->reserve(std::min<std::uint64_t>(need.rows, need.resident_rows));
    }
    context_.for_each_shard(Population::pool, [&](const Shard& shard) { add(shard); });
    finish();
    return std::move(loaded_);
  }

 private:
  void add(const Shard& shard) {
    const auto ids = shard.ids();
    std::vector<double> values, tokens;
    if (options_.method == Method::longest)
      values = lengths_of(shard);
    else if (!options_.score.empty())
      values = shard.column(options_.score).as<std::vector<double>>();
    if (options_.budget.tokens) tokens = tokens_of(shard, token_column_);
    std::vector<std::string> labels;
    if (!options_.quota.by.empty()) labels = labels_of(shard, options_.quota.by);
    auto vectors = loaded_.rows ? rows_of(shard) : std::span<const float>();
    const auto sources = shard.source_names();
    std::vector<std::uint32_t> streamed;
    const bool streams = loaded_.rows && loaded_.ids.size() + ids.size() > resident_rows_;
    std::vector<float> row(loaded_.width);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (const auto reason = fault_of(values, tokens, i); !reason.empty()) {
        reject(ids[i], reason);
        continue;
      }
      if (loaded_.rows) {
        const auto begin = vectors.begin() + static_cast<std::ptrdiff_t>(i * loaded_.width);
        std::copy_n(begin, loaded_.width, row.begin());
        if (!form_.apply(row)) {
          reject(ids[i], "no_direction");
          continue;
        }
        if (streams)
          streamed.push_back(static_cast<std::uint32_t>(i));
        else
          loaded_.rows->append(row);
      }
      loaded_.ids.push_back(ids[i]);
      loaded_.sources.push_back(source_numbers_.of(std::string(sources[i])));
      if (!values.empty()) loaded_.values.push_back(values[i]);
      if (!tokens.empty()) loaded_.tokens.push_back(static_cast<std::uint64_t>(tokens[i]));
      if (!labels.empty()) loaded_.labels.push_back(label_numbers_.of(labels[i]));
    }
    if (!streams) return;
    const auto place = shard.place_of(options_.vectors);
    for (auto& at : streamed) at = place.rows[at];
    loaded_.rows->append_file(place, streamed);
    // What was resident stays so; from here on all are in files, to keep the order.
    resident_rows_ = 0;
  }

  std::span<const float> rows_of(const Shard& shard) const {
    const auto& column = shard.column(options_.vectors);
    if (column.width != loaded_.width && !shard.ids().empty()) {
      throw Error(fmt::format("select: the vectors of the column '{}' have {} numbers in one shard and {} in another",
                              options_.vectors, column.width, loaded_.width));
    }
    return column.as<std::vector<float>>();
  }

  /// Why the record cannot be chosen by its numbers; empty when it can.
  std::string fault_of(const std::vector<double>& values, const std::vector<double>& tokens, std::size_t i) const {
    if (is_weighted(options_) && !(values[i] > 0 && values[i] <= largest_factor)) return "filter:" + options_.score;
    if (options_.method == Method::importance && std::isnan(values[i])) return "filter:" + options_.score;
    if (!tokens.empty() && !(tokens[i] >= 0 && tokens[i] < 0x1p53)) return "filter:" + token_column_;
    return "";
  }

  void reject(std::uint64_t id, const std::string& reason) {
    rejects_.push_back({id, reason});
    ++loaded_.rejected[reason];
  }

  void finish() {
    context_.reject(rejects_);
    std::map<std::string, std::uint64_t> all;
    for (const auto& of_rank : comm::all_gather_objects(context_.comm(), loaded_.rejected)) {
      for (const auto& [reason, count] : of_rank) all[reason] += count;
    }
    loaded_.rejected = std::move(all);
    loaded_.total = comm::all_reduce(context_.comm(), std::uint64_t{loaded_.ids.size()}, comm::Reduction::sum);
    loaded_.source_names = source_numbers_.agree(context_.comm(), loaded_.sources);
    if (!options_.quota.by.empty()) loaded_.label_names = label_numbers_.agree(context_.comm(), loaded_.labels);
  }

  JobContext& context_;
  const SelectOptions& options_;
  RowForm form_;
  std::string token_column_;
  std::uint64_t resident_rows_ = 0;
  LoadedCandidates loaded_;
  std::vector<Reject> rejects_;
  NameNumbers source_numbers_;
  NameNumbers label_numbers_;
};

/// Without curated vectors the selection would not be what was asked for.
void check_curated(const CuratedVectors& curated, const SelectOptions& options) {
  if (curated.total > 0) return;
  const auto reason = curated.rejected > 0
                          ? fmt::format("none of the {} vectors has a direction", format_count(curated.rejected))
                          : std::string("it has no records (rejects.jsonl lists those that are faulty)");
  throw comm::AgreedError(
      options.method == Method::target
          ? fmt::format("select: the target set is empty: {}; mend corpus.curated", reason)
          : fmt::format(
                "select: 'curated: start' has nothing to start from: {}; mend corpus.curated, or leave out the key "
                "'curated'",
                reason));
}

}  // namespace

std::uint64_t LoadedCandidates::rejected_in_all() const {
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : rejected) sum += count;
  return sum;
}

std::optional<std::uint64_t> record_budget(const Budget& budget, std::uint64_t candidates) {
  if (!budget.fraction) return budget.records;
  return std::max<std::uint64_t>(1, share_of(*budget.fraction, candidates));
}

LoadedCandidates load_candidates(JobContext& context, const SelectOptions& options, const VectorColumn& column) {
  return Loader(context, options, column).load();
}

CuratedVectors load_curated(JobContext& context, const SelectOptions& options, const VectorColumn& column,
                            std::size_t width) {
  const auto form = form_of(options, column.curated_unit_length);
  CuratedVectors curated;
  std::size_t curated_width = 0;
  std::uint64_t rejected = 0;
  context.for_each_shard(Population::curated, [&](const Shard& shard) {
    const auto& stored = shard.column(options.vectors);
    const auto ids = shard.ids();
    if (!ids.empty()) curated_width = stored.width;
    auto values = stored.as<std::vector<float>>();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const auto row = std::span(values).subspan(i * stored.width, stored.width);
      if (!form.apply(row)) {
        ++rejected;
        continue;
      }
      curated.ids.push_back(ids[i]);
      curated.rows.insert(curated.rows.end(), row.begin(), row.end());
    }
  });
  auto& comm = context.comm();
  curated.total = comm::all_reduce(comm, std::uint64_t{curated.ids.size()}, comm::Reduction::sum);
  curated.rejected = comm::all_reduce(comm, rejected, comm::Reduction::sum);
  // The file of curated vectors and the model of the pool's need not fit each other.
  comm::agree(comm, [&] {
    if (curated_width == width || curated_width == 0 || width == 0) return;
    throw UsageError(
        fmt::format("select: the column '{}' has {} numbers a record in the pool and {} in the curated records; both "
                    "must come from the same model",
                    options.vectors, width, curated_width));
  });
  check_curated(curated, options);
  return curated;
}

}  // namespace farpoint::jobs
