// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "commands.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/finished_run.hpp"
#include "inputs.hpp"
#include "jobs.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;

/// As the pipeline's own report is configured, if it has one.
Node report_options(const Config& config) {
  for (const auto& group : config.pipeline) {
    for (const auto& entry : group) {
      if (entry.job == "report" && entry.options.kind == Node::Kind::map) return entry.options;
    }
  }
  return Node::map();
}

std::unique_ptr<CollectiveJob> make_report(const FinishedRun& run, Node options) {
  JobSetup setup;
  setup.config = &run.config();
  setup.subset_exists = run.has_subset();
  setup.columns = run.plan().end.columns;
  auto job = jobs::report_job().make(options, setup);
  return std::unique_ptr<CollectiveJob>(dynamic_cast<CollectiveJob*>(job.release()));
}

}  // namespace

int report(comm::Communicator& comm, const ReportArguments& arguments) {
  std::unique_ptr<CollectiveJob> job;
  std::optional<FinishedRun> run;
  std::string written;
  comm::agree(comm, [&] {
    run.emplace(arguments.run, jobs::all_jobs());
    if (run->selects() && !run->has_subset()) {
      throw UsageError(arguments.run +
                       ": the run has not finished its select, or subset.h5 was changed since; run the same command "
                       "again");
    }
    auto options = report_options(run->config());
    if (!arguments.out.empty()) {
      const auto out = std::filesystem::absolute(arguments.out);
      run->folder().check_output(out);
      check_spares_inputs(out, remaining_inputs(run->config()));
      options.set("path", Node::scalar(out.string(), true));
    }
    job = make_report(*run, std::move(options));
    written = arguments.out.empty() ? (run->folder().path / job->outputs().front()).string() : arguments.out;
  });
  run->run_behind(comm, std::move(job), "report");
  if (comm.rank() == 0) std::cout << written << '\n';
  return 0;
}

}  // namespace farpoint::cli
