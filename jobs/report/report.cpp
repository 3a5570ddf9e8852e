// SPDX-License-Identifier: Apache-2.0
// jobs/report/report.cpp: one page that shows what went in and out, what was chosen, and what that is worth.
#include <fmt/format.h>

#include <algorithm>
#include <boost/serialization/vector.hpp>
#include <chrono>
#include <ranges>

#include "chosen.hpp"
#include "distributions.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/version.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/need.hpp"
#include "farpoint/pipeline/summary.hpp"
#include "farpoint/report/page.hpp"
#include "farpoint/select/random.hpp"
#include "jobs.hpp"
#include "json_file.hpp"
#include "map.hpp"
#include "options.hpp"
#include "removals.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// Records of the pool that the map is made of.
constexpr std::uint64_t sample_records = 20'000;
constexpr std::uint32_t text_of_point = 240;
constexpr std::uint32_t text_of_example = 1000;

class Reporter {
 public:
  Reporter(const ReportOptions& options, JobContext& context, bool has_subset)
      : options_(options), context_(context), has_subset_(has_subset) {}

  /// The data of the page as JSON text on rank 0; elsewhere nothing.
  std::string run() {
    const auto removals = find_removals(context_, static_cast<std::size_t>(options_.examples));
    read_subset();
    draw_sides();
    const auto excerpts = gather_excerpts(context_, wanted(), options_.vectors);
    const auto distributions = measure_distributions(context_, options_, sides_);
    if (context_.comm().rank() != 0) return "";
    Json json = head();
    json["funnel"] = removals.funnel;
    json["removed"] = removals.removed;
    json["distributions"] = distributions.numbers;
    json["map"] = options_.vectors.empty()
                      ? Json()
                      : draw_map(map_, excerpts, chosen_, options_.vectors, static_cast<std::size_t>(options_.points));
    if (!json["map"].is_null()) json["map"]["pool_total"] = candidates_;
    json["coverage"] = coverage();
    json["farthest"] = pairs(chosen_.farthest, excerpts);
    json["nearest"] = pairs(chosen_.nearest, excerpts);
    json["groups"] = groups(excerpts);
    json["tail"] = distributions.tail;
    json["duplicates"] = removals.duplicates;
    json["performance"] = performance();
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  std::uint64_t candidates() const { return candidates_; }

 private:
  void read_subset() {
    if (!has_subset_) return;
    auto& comm = context_.comm();
    comm::agree(comm, [&] {
      if (comm.rank() != 0) return;
      chosen_ = read_chosen(context_.run_folder() / "subset.h5", static_cast<std::size_t>(options_.examples));
    });
    std::uint64_t count = chosen_.ids.size();
    comm::broadcast(comm, std::span(&count, 1));
    chosen_.ids.resize(count);
    comm::broadcast(comm, std::span(chosen_.ids));
  }

  /// Which records are compared, and which are drawn. The random subset is the one that coverage is measured beside.
  void draw_sides() {
    std::vector<std::uint64_t> ids;
    context_.for_each_shard(Population::pool,
                            [&](const Shard& shard) { ids.insert(ids.end(), shard.ids().begin(), shard.ids().end()); });
    auto& comm = context_.comm();
    candidates_ = comm::all_reduce(comm, std::uint64_t{ids.size()}, comm::Reduction::sum);
    const auto seed = context_.config().run.seed;
    sides_.has_subset = has_subset_;
    sides_.subset = chosen_.ids;
    if (has_subset_) sides_.random = select::random_subset(comm, ids, chosen_.ids.size(), seed + 1);
    map_.pool = select::random_subset(comm, ids, sample_records, seed + 2);
    const auto shown = std::min<std::size_t>(chosen_.ids.size(), static_cast<std::size_t>(options_.points));
    map_.subset.assign(chosen_.ids.begin(), chosen_.ids.begin() + static_cast<std::ptrdiff_t>(shown));
    std::sort(sides_.subset.begin(), sides_.subset.end());
    std::sort(sides_.random.begin(), sides_.random.end());
  }

  std::map<std::uint64_t, Wanted> wanted() const {
    std::map<std::uint64_t, Wanted> records;
    const auto want = [&](std::uint64_t id, std::uint32_t characters, bool vector) {
      auto& record = records[id];
      record.characters = std::max(record.characters, characters);
      record.vector = record.vector || vector;
    };
    for (std::size_t i = 0; i < map_.pool.size(); ++i)
      want(map_.pool[i], i < options_.points ? text_of_point : 0, true);
    for (const auto id : map_.subset) want(id, text_of_point, true);
    for (const auto* list : {&chosen_.farthest, &chosen_.nearest}) {
      for (const auto& pair : *list) {
        want(pair.id, text_of_example, false);
        want(pair.representative, text_of_example, false);
      }
    }
    for (const auto& group : chosen_.groups) {
      want(group.chosen, text_of_example, false);
      for (const auto& member : group.nearest) want(member.id, text_of_example, false);
      for (const auto& member : group.farthest) want(member.id, text_of_example, false);
    }
    return records;
  }

  Json head() const {
    const auto& summary = context_.summary();
    const auto* select = summary.find("select");
    Json json{{"kind", "report"},          {"title", context_.run_folder().string()},
              {"version", version},        {"pool_records", context_.pool_records()},
              {"candidates", candidates_}, {"selected", nullptr},
              {"method", nullptr},         {"radius", nullptr},
              {"exactness", nullptr},      {"subset_created", nullptr}};
    if (has_subset_) {
      json["selected"] = chosen_.ids.size();
      json["method"] = chosen_.method;
      json["exactness"] = chosen_.exactness;
      json["subset_created"] = chosen_.created;
      if (select != nullptr && select->facts.contains("radius")) json["radius"] = number(select->facts.at("radius"));
    }
    json["config"] = context_.resolved_config();
    const auto config = (context_.run_folder() / "config.yaml").string();
    json["commands"] = {
        fmt::format("farpoint run {} --output ANOTHER_FOLDER", config),
        fmt::format("mpirun -n {} farpoint run {} --output ANOTHER_FOLDER", std::max(summary.ranks, 2), config)};
    return json;
  }

  /// The run's coverage.json as it is.
  Json coverage() const {
    const auto file = context_.run_folder() / "coverage.json";
    if (!has_subset_ || options_.vectors.empty() || !std::filesystem::exists(file)) return nullptr;
    return read_json_file(file);
  }

  static Json with_distance(const Represented& one, const Excerpts& excerpts) {
    auto json = to_json(excerpts, one.id);
    json["distance"] = number(one.distance);
    return json;
  }

  static Json pairs(const std::vector<Represented>& list, const Excerpts& excerpts) {
    Json json = Json::array();
    for (const auto& pair : list) {
      auto entry = with_distance(pair, excerpts);
      const bool is_curated = pair.representative == ~std::uint64_t{0};
      entry["representative"] = is_curated ? Json() : to_json(excerpts, pair.representative);
      json.push_back(std::move(entry));
    }
    return json;
  }

  Json groups(const Excerpts& excerpts) const {
    Json json = Json::array();
    for (const auto& group : chosen_.groups) {
      Json members = Json::array();
      for (const auto& member : group.nearest) members.push_back(with_distance(member, excerpts));
      for (const auto& member : group.farthest | std::views::reverse) {
        members.push_back(with_distance(member, excerpts));
      }
      json.push_back(
          {{"chosen", to_json(excerpts, group.chosen)}, {"weight", group.weight}, {"members", std::move(members)}});
    }
    return json;
  }

  Json performance() const {
    const auto& summary = context_.summary();
    Json json{{"ranks", summary.ranks},
              {"threads", summary.threads},
              {"device", summary.device},
              {"seconds", 0},
              {"jobs", Json::array()}};
    double seconds = 0;
    for (const auto& job : summary.jobs) {
      seconds += job.seconds;
      Json entry{{"job", job.job},
                 {"as", job.as},
                 {"seconds", job.seconds},
                 {"rate", job.rate},
                 {"unit", job.unit},
                 {"resumed_shards", job.resumed_shards},
                 {"computing", job.time.computing},
                 {"communication", job.time.communication},
                 {"files", job.time.files},
                 {"imbalance", job.imbalance},
                 {"ranks", Json::array()}};
      for (const auto& rank : job.rank_times) {
        entry["ranks"].push_back(
            {{"computing", rank.computing}, {"communication", rank.communication}, {"files", rank.files}});
      }
      json["jobs"].push_back(std::move(entry));
    }
    json["seconds"] = summary.seconds > 0 ? summary.seconds : seconds;
    return json;
  }

  const ReportOptions& options_;
  JobContext& context_;
  bool has_subset_;
  Chosen chosen_;  ///< on ranks other than 0 its ids alone
  Sides sides_;
  MapRecords map_;
  std::uint64_t candidates_ = 0;
};

class Report final : public CollectiveJob, public KnowsItsNeed {
 public:
  Report(ReportOptions options, const Node& where, const JobSetup& setup)
      : options_(checked(std::move(options), where, setup)), has_subset_(setup.subset_exists) {
    for (const auto& column : setup.columns) {
      if (!column.in_pool) continue;
      if (column.kind == ColumnSpec::Kind::scalar || column.name == options_.vectors) reads_.push_back(column.name);
    }
    const auto& pool = setup.config->corpus.pool;
    reads_text_ = std::any_of(pool.begin(), pool.end(), [](const auto& source) { return source.as.empty(); });
  }

  Node options(bool results_only) const override { return encode(options_, results_only); }
  std::vector<std::string> reads() const override { return reads_; }
  bool reads_text() const override { return reads_text_; }
  bool uses_seed() const override { return true; }
  bool reads_history() const override { return true; }
  bool follows_subset() const override { return has_subset_; }
  std::vector<std::string> outputs() const override { return {options_.path}; }

  /// A number of each record, and the vectors of the map on rank 0.
  Need estimate(const Workload& work) const override {
    auto need = usual_need(*this, work);
    need.memory += work.records_of_rank() * sizeof(double) * (reads_.size() + 3);
    const auto width = work.widths.find(options_.vectors);
    if (width != work.widths.end()) need.memory += 2 * sample_records * width->second * sizeof(float);
    return need;
  }

  JobResult run(JobContext& context) override {
    const auto start = std::chrono::steady_clock::now();
    Reporter reporter(options_, context, has_subset_);
    const auto data = reporter.run();
    comm::agree(context.comm(), [&] {
      if (context.comm().rank() != 0) return;
      write_file(context.run_folder() / options_.path, report::page(context.run_folder().string(), data));
    });
    JobResult result;
    result.in = result.out = result.units = reporter.candidates();
    result.work_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

 private:
  ReportOptions options_;
  bool has_subset_;
  bool reads_text_ = true;
  std::vector<std::string> reads_;
};

}  // namespace

JobType report_job() {
  return job_type<Report, ReportOptions>("report", "writes a page that shows the result and the evidence for it");
}

}  // namespace farpoint::jobs
