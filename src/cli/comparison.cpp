// SPDX-License-Identifier: Apache-2.0
#include "comparison.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "farpoint/base/version.hpp"
#include "farpoint/report/bins.hpp"
#include "json_number.hpp"

namespace farpoint::cli {

namespace {

constexpr std::size_t examples_shown = 6;

using jobs::number;

bool all_equal(const std::vector<ComparedRun>& runs, std::string ComparedRun::*part) {
  return std::all_of(runs.begin(), runs.end(), [&](const auto& run) { return run.*part == runs.front().*part; });
}

double sum_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::isfinite(value) ? value : 0;
  return sum;
}

Json facts_of(const ComparedRun& run) {
  Json json{{"name", run.name},
            {"method", run.method},
            {"selected", run.ids.size()},
            {"radius", run.radius ? number(*run.radius) : Json()},
            {"seconds", run.summary.seconds},
            {"ranks", run.summary.ranks},
            {"tokens", sum_of(run.numbers.at("words"))},
            {"pool_records", run.summary.pool_records},
            {"coverage", nullptr}};
  if (!run.coverage.is_object()) return json;
  const auto& overall = run.coverage.at("overall");
  const auto& subset = overall.at("subset");
  json["coverage"] = {{"mean", subset.at("mean")}, {"p50", subset.at("p50")}, {"p95", subset.at("p95")},
                      {"max", subset.at("max")},   {"random_mean", nullptr},  {"random_p95", nullptr}};
  if (const auto random = overall.find("random"); random != overall.end()) {
    json["coverage"]["random_mean"] = random->at("mean");
    json["coverage"]["random_p95"] = random->at("p95");
  }
  return json;
}

/// What tells a record from others in all runs: its id where they chose from the same pool, else its text.
std::vector<std::uint64_t> keys_of(const ComparedRun& run, bool same_pool) {
  auto keys = same_pool ? run.ids : run.hashes;
  std::sort(keys.begin(), keys.end());
  return keys;
}

Json overlap(const std::vector<ComparedRun>& runs, bool same_pool) {
  std::vector<std::vector<std::uint64_t>> keys;
  for (const auto& run : runs) keys.push_back(keys_of(run, same_pool));
  Json matrix = Json::array();
  for (const auto& one : keys) {
    Json row = Json::array();
    for (const auto& other : keys) {
      std::vector<std::uint64_t> both;
      std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(both));
      row.push_back(both.size());
    }
    matrix.push_back(std::move(row));
  }
  return matrix;
}

/// A run without the option, such as that of a source that it does not have, and one that leaves it empty do the same.
bool is_unset(const Json& value) {
  return value.is_null() || value == Json("");
}

Json differences(const std::vector<ComparedRun>& runs) {
  std::set<std::string> names;
  for (const auto& run : runs) {
    for (const auto& [name, value] : run.options) names.insert(name);
  }
  Json list = Json::array();
  for (const auto& name : names) {
    Json values = Json::array();
    for (const auto& run : runs) {
      const auto found = run.options.find(name);
      values.push_back(found == run.options.end() ? Json() : Json(found->second));
    }
    if (std::all_of(values.begin(), values.end(), is_unset)) continue;
    if (std::any_of(values.begin(), values.end(), [&](const auto& value) { return value != values.front(); })) {
      list.push_back({{"option", name}, {"values", std::move(values)}});
    }
  }
  return list;
}

/// The value that at least `share` of the sorted ones do not exceed.
double quantile(const std::vector<double>& sorted, double share) {
  const auto rank = std::ceil(share * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

std::vector<double> sorted_numbers(const ComparedRun& run, const std::string& name) {
  std::vector<double> values;
  const auto found = run.numbers.find(name);
  if (found == run.numbers.end()) return values;
  std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(values),
               [](double value) { return std::isfinite(value); });
  std::sort(values.begin(), values.end());
  return values;
}

Json summary_of(const std::vector<double>& sorted, std::size_t records) {
  if (sorted.empty()) return {{"count", 0}, {"missing", records}};
  return {{"count", sorted.size()},
          {"missing", records - sorted.size()},
          {"mean", std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(sorted.size())},
          {"min", sorted.front()},
          {"p5", quantile(sorted, 0.05)},
          {"p50", quantile(sorted, 0.5)},
          {"p95", quantile(sorted, 0.95)},
          {"max", sorted.back()}};
}

/// Null when no run has such a number.
Json numbers_json(const std::vector<ComparedRun>& runs, const std::string& name, const std::string& label) {
  std::vector<std::vector<double>> sorted;
  std::vector<double> all;
  for (const auto& run : runs) {
    sorted.push_back(sorted_numbers(run, name));
    all.insert(all.end(), sorted.back().begin(), sorted.back().end());
  }
  if (all.empty()) return nullptr;
  std::sort(all.begin(), all.end());
  const bool whole = std::all_of(all.begin(), all.end(), [](double value) { return value == std::floor(value); });
  const auto bins = report::make_bins({all.front(), quantile(all, 0.005), quantile(all, 0.995), all.back(), whole});
  Json json{
      {"name", name},          {"label", label},          {"unit", ""}, {"kind", "numbers"}, {"log", bins.logarithmic},
      {"bins", Json::array()}, {"summary", Json::array()}};
  std::vector<std::vector<std::uint64_t>> counts(runs.size(), std::vector<std::uint64_t>(bins.size() + 2));
  for (std::size_t run = 0; run < runs.size(); ++run) {
    for (const double value : sorted[run]) ++counts[run][bins.place_of(value)];
    json["summary"].push_back(summary_of(sorted[run], runs[run].ids.size()));
  }
  const auto at = [&](std::size_t place) {
    Json of_runs = Json::array();
    for (const auto& of_run : counts) of_runs.push_back(of_run[place]);
    return of_runs;
  };
  json["below"] = at(0);
  json["above"] = at(bins.size() + 1);
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    json["bins"].push_back({{"from", bins.edges[bin]}, {"to", bins.edges[bin + 1]}, {"runs", at(bin + 1)}});
  }
  return json;
}

Json sources_json(const std::vector<ComparedRun>& runs) {
  std::map<std::string, std::vector<std::uint64_t>> counts;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    for (const auto& source : runs[run].sources) {
      auto& of_source = counts[source];
      of_source.resize(runs.size());
      ++of_source[run];
    }
  }
  Json json{{"name", "source"}, {"label", "Source"}, {"kind", "categories"}, {"bins", Json::array()}};
  for (const auto& [name, of_runs] : counts) json["bins"].push_back({{"name", name}, {"runs", of_runs}});
  return json;
}

Json distributions(const std::vector<ComparedRun>& runs) {
  std::set<std::string> names;
  for (const auto& run : runs) {
    for (const auto& [name, values] : run.numbers) names.insert(name);
  }
  Json list = Json::array({sources_json(runs)});
  const auto add = [&](const std::string& name, const std::string& label) {
    auto json = numbers_json(runs, name, label);
    if (!json.is_null()) list.push_back(std::move(json));
    names.erase(name);
  };
  add("characters", "Length in characters");
  add("words", "Words");
  for (const auto& name : std::set(names)) add(name, name);
  return list;
}

/// The first records, in order of choice, that no other run has chosen.
Json only_of(std::size_t which, const std::vector<ComparedRun>& runs, const std::filesystem::path& folder,
             bool same_pool) {
  std::set<std::uint64_t> others;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    if (run == which) continue;
    const auto keys = keys_of(runs[run], same_pool);
    others.insert(keys.begin(), keys.end());
  }
  Json only = Json::array();
  const auto is_wanted = [&](std::uint64_t id, std::uint64_t hash) { return !others.contains(same_pool ? id : hash); };
  for (const auto& record : first_chosen(folder, examples_shown, is_wanted)) {
    only.push_back({{"id", record.id}, {"source", record.source}, {"text", record.text}});
  }
  return only;
}

}  // namespace

Json compare_runs(const std::vector<ComparedRun>& runs, const std::vector<std::filesystem::path>& folders) {
  const bool same_pool = all_equal(runs, &ComparedRun::pool_hash);
  Json json{{"kind", "compare"},
            {"version", version},
            {"runs", Json::array()},
            {"overlap", overlap(runs, same_pool)},
            {"same_pool", same_pool},
            {"same_vectors", all_equal(runs, &ComparedRun::vectors_hash) && !runs.front().vectors_hash.empty()},
            {"differences", differences(runs)},
            {"distributions", distributions(runs)},
            {"only", Json::array()}};
  for (std::size_t run = 0; run < runs.size(); ++run) {
    json["runs"].push_back(facts_of(runs[run]));
    json["only"].push_back(only_of(run, runs, folders[run], same_pool));
  }
  return json;
}

}  // namespace farpoint::cli
