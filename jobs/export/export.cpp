// SPDX-License-Identifier: Apache-2.0
// jobs/export/export.cpp: writes the subset, or every kept record where nothing was selected, in a training format.
#include <fmt/format.h>

#include <boost/serialization/map.hpp>
#include <boost/serialization/string.hpp>
#include <chrono>

#include "exporter.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "jobs.hpp"
#include "output_path.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

/// What rank 0 tells the others.
struct Written {
  std::uint64_t records = 0;
  std::map<std::string, std::uint64_t> counters;

  template <typename Archive>
  void serialize(Archive& archive, unsigned) {
    archive& records& counters;
  }
};

class Export final : public CollectiveJob {
 public:
  Export(ExportOptions options, const Node& where, const JobSetup& setup)
      : options_(std::move(options)), has_subset_(setup.subset_exists), folder_(setup.config->run.output) {
    check_export(options_, where);
    check_pool(where, *setup.config);
    const auto& place = where.place_of("path");
    const std::filesystem::path path = options_.path;
    if (options_.format == ExportKind::datasets) {
      // What is asked of a file, of one that lies in it.
      const auto card = checked_output("export.path", (path / "README.md").string(), place, *setup.config);
      options_.path = std::filesystem::path(card).parent_path().string();
      if (options_.path.empty()) throw ConfigError(place, "'export.path': datasets need a folder of their own");
    } else {
      options_.path = checked_output("export.path", options_.path, place, *setup.config);
    }
    if (setup.finished != nullptr) return;
    try {
      check_format(options_, options_.path);
    } catch (const UsageError& error) {
      throw ConfigError(place, fmt::format("'export.path': {}", error.what()));
    }
  }

  Node options(bool results_only) const override { return encode(options_, results_only); }
  bool follows_subset() const override { return true; }
  bool uses_seed() const override { return !options_.split.empty(); }
  std::uint64_t version() const override { return 2; }
  std::vector<std::string> outputs() const override {
    const std::filesystem::path path = options_.path;
    std::vector<std::string> names;
    for (const auto& name : exported_files(options_, folder_ / path))
      names.push_back((path.parent_path() / name).string());
    return names;
  }

  JobResult run(JobContext& context) override {
    const auto start = std::chrono::steady_clock::now();
    Written written;
    comm::agree(context.comm(), [&] {
      if (context.comm().rank() == 0) written = write(context);
    });
    comm::broadcast_object(context.comm(), written, 0);
    JobResult result;
    result.in = result.out = result.units = written.records;
    result.counters = written.counters;
    result.work_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

 private:
  void check_pool(const Node& where, const Config& config) const {
    const auto& first = config.corpus.pool.front();
    if (first.as.empty() || options_.record_schema() == corpus::ExportFormat::jsonl) return;
    throw ConfigError(where.place_of("format"),
                      fmt::format("'export.format': the pool '{}' holds only vectors, and these have no texts to "
                                  "write as {}; use jsonl",
                                  first.path, Codec<corpus::ExportFormat>::name_of(options_.record_schema())));
  }

  Written write(JobContext& context) const {
    ExportTarget target;
    target.options = options_;
    target.path = context.run_folder() / options_.path;
    target.seed = context.config().run.seed;
    target.specs = context.config().corpus.pool;
    target.config = context.resolved_config();
    target.pool_records = context.pool_records();
    target.run_folder = context.run_folder();
    const RecordPass of_shards = [&](const auto& visit) {
      context.for_every_shard([&](const Shard& shard) { visit_records(shard, visit); });
    };
    const auto result =
        export_records(has_subset_ ? records_of_subset(context.run_folder() / "subset.h5") : of_shards, target);
    Written written{result.records, result.parts};
    if (!result.parts.empty()) written.counters["in_clusters"] = result.in_clusters;
    return written;
  }

  ExportOptions options_;
  bool has_subset_;
  std::filesystem::path folder_;  ///< of the run
};

}  // namespace

JobType export_job() {
  return job_type<Export, ExportOptions>("export", "writes the subset, or every kept record, in a training format");
}

}  // namespace farpoint::jobs
