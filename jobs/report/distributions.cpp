// SPDX-License-Identifier: Apache-2.0
#include "distributions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/array.hpp>
#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <cmath>
#include <limits>

#include "farpoint/base/parallel.hpp"
#include "farpoint/clean/language.hpp"
#include "farpoint/clean/text_statistics.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/report/bins.hpp"
#include "farpoint/select/quantiles.hpp"
#include "labels.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

using Counts = std::array<std::uint64_t, side_names.size()>;
using CountsByName = std::map<std::string, Counts>;

/// Names that one rank counts of each label: with more of them it is no label.
constexpr std::size_t most_names = 100'000;
/// Rows of a long tail, and languages, that are shown; the others are summed up.
constexpr std::size_t shown_names = 60;
constexpr std::size_t shown_languages = 12;
constexpr std::size_t block_texts = 16;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// A number of each record.
struct Numbers {
  std::string name;
  std::string label;
  std::string unit;
  std::vector<double> values;  ///< of this rank's records
};

class Measurer {
 public:
  Measurer(JobContext& context, const ReportOptions& options, const Sides& sides)
      : context_(context), options_(options), sides_(sides), names_(1 + options.by.size()) {
    numbers_.push_back({"characters", "Length", "characters", {}});
    numbers_.push_back({"words", "Words", "words", {}});
    for (const auto& column : context.columns()) {
      if (column.kind == ColumnSpec::Kind::scalar && column.in_pool) {
        numbers_.push_back({column.name, column.name, "", {}});
      }
    }
  }

  Distributions run() {
    context_.for_each_shard(Population::pool, [&](const Shard& shard) { add(shard); });
    Distributions found;
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      auto json = distribution(numbers_[i]);
      // Records that are only vectors have no text to measure.
      if (!json.is_null()) found.numbers.push_back(std::move(json));
      if (i == 1) add_languages(found.numbers);
    }
    for (std::size_t by = 0; by < names_.size(); ++by) add_tail(by, found.tail);
    return found;
  }

 private:
  void add(const Shard& shard) {
    const auto ids = shard.ids();
    std::vector<bool> in[side_names.size()];
    for (const auto side : {Side::pool, Side::subset, Side::random}) {
      auto& flags = in[static_cast<std::size_t>(side)];
      for (const auto id : ids) flags.push_back(sides_.holds(side, id));
      member_[static_cast<std::size_t>(side)].insert(member_[static_cast<std::size_t>(side)].end(), flags.begin(),
                                                     flags.end());
    }
    const auto counts_of = [&](std::size_t row) {
      Counts counts{};
      for (std::size_t side = 0; side < counts.size(); ++side) counts[side] = in[side][row] ? 1 : 0;
      return counts;
    };
    add_texts(shard, counts_of);
    for (std::size_t i = 2; i < numbers_.size(); ++i) {
      const auto& values = shard.column(numbers_[i].name).as<std::vector<double>>();
      numbers_[i].values.insert(numbers_[i].values.end(), values.begin(), values.end());
    }
    for (std::size_t by = 0; by < names_.size(); ++by) {
      const auto labels = labels_of(shard, by == 0 ? "source" : options_.by[by - 1]);
      for (std::size_t row = 0; row < labels.size(); ++row) add_counts(names_[by], labels[row], counts_of(row));
    }
    done_ += ids.size();
    context_.progress(done_ * static_cast<std::uint64_t>(context_.comm().size()), context_.pool_records());
  }

  template <typename CountsOf>
  void add_texts(const Shard& shard, const CountsOf& counts_of) {
    const auto texts = shard.texts(corpus::TextView::full);
    const auto first = numbers_[0].values.size();
    for (std::size_t i = 0; i < 2; ++i) numbers_[i].values.resize(first + texts.size(), nan);
    std::vector<std::string> languages(texts.size());
    parallel_for(texts.size(), block_texts, [&](std::size_t, std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        if (texts[i].empty()) continue;
        const auto statistics = clean::text_statistics(texts[i]);
        numbers_[0].values[first + i] = static_cast<double>(statistics.characters);
        numbers_[1].values[first + i] = static_cast<double>(statistics.words);
        languages[i] = clean::detect_language(texts[i]).code;
      }
    });
    for (std::size_t i = 0; i < languages.size(); ++i) {
      if (!languages[i].empty()) add_counts(languages_, languages[i], counts_of(i));
    }
  }

  static void add_counts(CountsByName& names, const std::string& name, const Counts& counts) {
    if (names.size() > most_names) return;
    auto& sum = names[name];
    for (std::size_t side = 0; side < counts.size(); ++side) sum[side] += counts[side];
  }

  /// All ranks' numbers, side after side: those of the pool, and again those that are in a subset.
  struct Gathered {
    std::vector<double> values;
    std::vector<std::uint32_t> sides;
    Counts missing{};
    std::uint64_t fractions = 0;  ///< numbers that are not whole
  };

  Gathered gather(const Numbers& numbers) const {
    Gathered all;
    for (std::size_t side = 0; side < side_names.size(); ++side) {
      for (std::size_t i = 0; i < numbers.values.size(); ++i) {
        if (!member_[side][i]) continue;
        const double value = numbers.values[i];
        if (!std::isfinite(value)) {
          ++all.missing[side];
          continue;
        }
        all.values.push_back(value);
        all.sides.push_back(static_cast<std::uint32_t>(side));
        if (value != std::floor(value)) ++all.fractions;
      }
    }
    comm::all_reduce(context_.comm(), std::span<std::uint64_t>(all.missing), comm::Reduction::sum);
    all.fractions = comm::all_reduce(context_.comm(), all.fractions, comm::Reduction::sum);
    return all;
  }

  /// Null when no record has this number. Collective.
  Json distribution(const Numbers& numbers) const {
    const auto all = gather(numbers);
    constexpr std::array quantiles{0.005, 0.05, 0.5, 0.95, 0.995};
    const auto statistics =
        select::group_statistics(context_.comm(), all.values, all.sides, side_names.size(), quantiles);
    const auto& pool = statistics[0];
    if (pool.count == 0) return nullptr;
    const auto bins =
        report::make_bins({pool.min, pool.quantiles.front(), pool.quantiles.back(), pool.max, all.fractions == 0});
    std::vector<std::uint64_t> counts((bins.size() + 2) * side_names.size());
    for (std::size_t i = 0; i < all.values.size(); ++i) {
      ++counts[bins.place_of(all.values[i]) * side_names.size() + all.sides[i]];
    }
    comm::all_reduce(context_.comm(), std::span(counts), comm::Reduction::sum);

    const auto at = [&](std::size_t place) {
      Json json;
      for (std::size_t side = 0; side < side_names.size(); ++side) {
        json[side_names[side]] = counts[place * side_names.size() + side];
      }
      return json;
    };
    Json json{{"name", numbers.name}, {"label", numbers.label},      {"unit", numbers.unit},
              {"kind", "numbers"},    {"log", bins.logarithmic},     {"bins", Json::array()},
              {"below", at(0)},       {"above", at(bins.size() + 1)}};
    for (std::size_t bin = 0; bin < bins.size(); ++bin) {
      Json entry{{"from", bins.edges[bin]}, {"to", bins.edges[bin + 1]}};
      entry.update(at(bin + 1));
      json["bins"].push_back(std::move(entry));
    }
    for (std::size_t side = 0; side < side_names.size(); ++side) {
      const auto& of = statistics[side];
      if (side > 0 && !sides_.has_subset) {
        json["summary"][side_names[side]] = nullptr;
        continue;
      }
      json["summary"][side_names[side]] = {{"count", of.count},
                                           {"missing", all.missing[side]},
                                           {"mean", number(of.mean)},
                                           {"min", number(of.min)},
                                           {"p5", number(of.quantiles[1])},
                                           {"p50", number(of.quantiles[2])},
                                           {"p95", number(of.quantiles[3])},
                                           {"max", number(of.max)}};
    }
    return json;
  }

  /// Of all ranks on rank 0, the most frequent in the pool first; nothing when there are too many. Collective.
  std::vector<std::pair<std::string, Counts>> all_names(const CountsByName& mine, std::size_t shown,
                                                        const std::string& others) const {
    CountsByName sum;
    for (const auto& of_rank : comm::gather_objects(context_.comm(), mine, 0)) {
      if (of_rank.size() > most_names) return {};
      for (const auto& [name, counts] : of_rank) {
        auto& total = sum[name];
        for (std::size_t side = 0; side < counts.size(); ++side) total[side] += counts[side];
      }
    }
    std::vector<std::pair<std::string, Counts>> names(sum.begin(), sum.end());
    std::stable_sort(names.begin(), names.end(),
                     [](const auto& one, const auto& other) { return one.second[0] > other.second[0]; });
    if (names.size() <= shown) return names;
    std::pair<std::string, Counts> rest{fmt::format("{} {}", names.size() - shown, others), {}};
    for (auto name = names.begin() + static_cast<std::ptrdiff_t>(shown); name != names.end(); ++name) {
      for (std::size_t side = 0; side < rest.second.size(); ++side) rest.second[side] += name->second[side];
    }
    names.resize(shown);
    names.push_back(std::move(rest));
    return names;
  }

  static Json rows(const std::vector<std::pair<std::string, Counts>>& names) {
    Json rows = Json::array();
    for (const auto& [name, counts] : names) {
      Json row{{"name", name}};
      for (std::size_t side = 0; side < counts.size(); ++side) row[side_names[side]] = counts[side];
      rows.push_back(std::move(row));
    }
    return rows;
  }

  void add_languages(Json& distributions) const {
    const auto names = all_names(languages_, shown_languages, "others");
    if (names.empty()) return;
    distributions.push_back(
        {{"name", "language"}, {"label", "Language"}, {"kind", "categories"}, {"bins", rows(names)}});
  }

  void add_tail(std::size_t by, Json& tail) const {
    const auto names = all_names(names_[by], shown_names, "others");
    if (names.empty()) return;
    tail.push_back({{"by", by == 0 ? "source" : options_.by[by - 1]}, {"rows", rows(names)}});
  }

  JobContext& context_;
  const ReportOptions& options_;
  const Sides& sides_;
  std::vector<Numbers> numbers_;
  std::array<std::vector<bool>, side_names.size()> member_;  ///< by side and record of this rank
  CountsByName languages_;
  std::vector<CountsByName> names_;  ///< by source, then by each label
  std::uint64_t done_ = 0;
};

}  // namespace

bool Sides::holds(Side side, std::uint64_t id) const {
  if (side == Side::pool) return true;
  const auto& ids = side == Side::subset ? subset : random;
  return std::binary_search(ids.begin(), ids.end(), id);
}

Distributions measure_distributions(JobContext& context, const ReportOptions& options, const Sides& sides) {
  return Measurer(context, options, sides).run();
}

}  // namespace farpoint::jobs
