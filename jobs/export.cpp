// SPDX-License-Identifier: Apache-2.0
// jobs/export.cpp: writes the subset, or every kept record where nothing was selected, in a training format.
#include <fmt/format.h>

#include <chrono>

#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "jobs.hpp"
#include "output_path.hpp"
#include "subset_export.hpp"

namespace farpoint::jobs {

namespace {

using namespace pipeline;

struct ExportOptions {
  corpus::ExportFormat format = corpus::ExportFormat::jsonl;
  std::string path;

  static Fields<ExportOptions> fields() {
    return {option("format", &ExportOptions::format, "jsonl keeps the records as they are"),
            option("path", &ExportOptions::path, "relative to the run's folder; .jsonl gives lines, .json an array")
                .need()};
  }
};

class Export final : public CollectiveJob {
 public:
  Export(ExportOptions options, const Node& where, const JobSetup& setup)
      : options_(std::move(options)), has_subset_(setup.subset_exists) {
    const auto path = checked_output("export.path", options_.path, where.place_of("path"), *setup.config);
    const auto& first = setup.config->corpus.pool.front();
    if (!first.as.empty() && options_.format != corpus::ExportFormat::jsonl) {
      throw ConfigError(where.place_of("format"),
                        fmt::format("'export.format': the pool '{}' holds only vectors, and these have no texts to "
                                    "write as {}; use jsonl",
                                    first.path, Codec<corpus::ExportFormat>::name_of(options_.format)));
    }
    options_.path = path;
  }

  Node options(bool results_only) const override { return encode(options_, results_only); }
  bool follows_subset() const override { return true; }
  std::vector<std::string> outputs() const override { return {options_.path}; }

  JobResult run(JobContext& context) override {
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t written = 0;
    comm::agree(context.comm(), [&] {
      if (context.comm().rank() == 0) written = write(context);
    });
    comm::broadcast(context.comm(), std::span(&written, 1));
    JobResult result;
    result.in = result.out = result.units = written;
    result.work_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

 private:
  std::uint64_t write(JobContext& context) const {
    const ExportTarget target{options_.format, context.run_folder() / options_.path, std::nullopt, 0};
    const auto& specs = context.config().corpus.pool;
    if (has_subset_) return export_subset(context.run_folder() / "subset.h5", target, specs);
    Exporter exporter(target, specs);
    context.for_every_shard([&](const Shard& shard) { exporter.write(shard); });
    exporter.commit();
    return exporter.written();
  }

  ExportOptions options_;
  bool has_subset_;
};

}  // namespace

JobType export_job() {
  return job_type<Export, ExportOptions>("export", "writes the subset, or every kept record, in a training format");
}

}  // namespace farpoint::jobs
