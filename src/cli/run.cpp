// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/serialization/string.hpp>
#include <cmath>
#include <iostream>
#include <optional>

#include "expectation.hpp"
#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/version.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/corpus/npy.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "farpoint/pipeline/runner.hpp"
#include "inputs.hpp"
#include "jobs.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;

void apply_settings(Node& root, const std::vector<std::string>& settings) {
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos) throw UsageError(fmt::format("--set {}: this is not KEY=VALUE", setting));
    set_by_path(root, std::string_view(setting).substr(0, equals), std::string_view(setting).substr(equals + 1));
  }
}

/// The folder that relative paths start from, the same however the configuration's path is spelt: the names of files
/// are part of what shards depend on.
std::filesystem::path folder_of(const std::string& config) {
  const auto path = std::filesystem::absolute(config);
  auto plain = path.lexically_normal().parent_path();
  std::error_code ignored;
  // Behind a link to a folder '..' is not where it seems to be.
  if (std::filesystem::equivalent(path.parent_path(), plain, ignored)) return plain;
  return std::filesystem::weakly_canonical(path.parent_path());
}

}  // namespace

Loaded load(comm::Communicator& comm, const RunArguments& arguments) {
  std::string text;
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    try {
      text = read_file(arguments.config);
    } catch (const Error& error) {
      throw UsageError(error.what());
    }
  });
  comm::broadcast_object(comm, text, 0);
  Loaded loaded;
  comm::agree(comm, [&] {
    auto root = parse_yaml(text, arguments.config);
    apply_settings(root, arguments.set);
    loaded.config = read_config(root, folder_of(arguments.config));
    if (!arguments.output.empty()) loaded.config.run.output = arguments.output;
    loaded.plan = make_plan(loaded.config, jobs::all_jobs(), arguments.until);
  });
  return loaded;
}

namespace {

void print_plan(const Plan& plan) {
  fmt::print("{:<24} {:<28} {}\n", "stage", "reads", "writes");
  fmt::print("{:<24} {:<28} {}\n", "00-ingest", "", "id, record, source, line");
  for (const auto& group : plan.groups) {
    for (const auto& planned : group) {
      std::vector<std::string> writes;
      for (const auto& column : planned.job->writes()) writes.push_back(column.name);
      auto reads = planned.job->reads();
      if (planned.job->reads_text()) reads.insert(reads.begin(), "text");
      fmt::print("{:<24} {:<28} {}{}\n", planned.folder(), fmt::format("{}", fmt::join(reads, ", ")),
                 fmt::format("{}", fmt::join(writes, ", ")),
                 group.size() > 1 ? fmt::format("  (in parallel, share {})", planned.share) : "");
    }
  }
}

/// What jobs leave behind must not replace what the run reads. Collective.
void check_outputs(comm::Communicator& comm, const Loaded& loaded, const RunArguments& arguments,
                   const CorpusFiles& files) {
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    auto inputs = inputs_of(files, loaded.plan);
    inputs.emplace_back(arguments.config);
    for (const auto* planned : loaded.plan.jobs()) {
      const auto* job = planned->collective_job();
      if (job == nullptr) continue;
      for (const auto& name : job->outputs()) {
        check_spares_inputs(std::filesystem::path(loaded.config.run.output) / name, inputs);
      }
    }
  });
}

/// What a profile comes to, for those who do not open its file.
void print_profile(const JobSummary& profile) {
  const auto count = [&](const char* name) { return format_count(static_cast<std::uint64_t>(profile.facts.at(name))); };
  fmt::print("{}: {} of {} records and {} of {} words are left{}\n", profile.job, count("records"),
             count("records_before"), count("words"), count("words_before"),
             profile.facts.contains("vocabulary") ? fmt::format(", {} of them different", count("vocabulary")) : "");
}

void print_result(const Config& config, const RunSummary& summary) {
  fmt::print("\n{}", to_table(summary));
  for (const auto& job : summary.jobs) {
    if (job.job == "profile") print_profile(job);
  }
  const auto* select = summary.find("select");
  if (select == nullptr) return;
  const auto radius = select->facts.find("radius");
  fmt::print("{} records chosen{}: {}\n", select->tally.out,
             radius == select->facts.end() ? "" : fmt::format(", largest distance left {:.4f}", radius->second),
             (std::filesystem::path(config.run.output) / "subset.h5").string());
  const auto fact = [&](const char* name) {
    const auto found = select->facts.find(name);
    return found == select->facts.end() ? std::nullopt : std::optional(found->second);
  };
  const auto mean = fact("coverage_mean"), p95 = fact("coverage_p95");
  const auto random_mean = fact("random_mean"), random_p95 = fact("random_p95");
  if (!mean || !p95 || !random_mean || !random_p95) return;
  fmt::print(
      "a record's nearest chosen one is {:.4f} away on average, and within {:.4f} for 95 % of them; with as many "
      "random records {:.4f} and {:.4f}\n",
      *mean, *p95, *random_mean, *random_p95);
}

}  // namespace

int run(comm::Communicator& comm, const RunArguments& arguments) {
  const auto loaded = load(comm, arguments);
  if (arguments.dry_run) {
    if (comm.rank() == 0) print_plan(loaded.plan);
    return 0;
  }
  auto files = resolve_corpus(comm, loaded.config);
  check_outputs(comm, loaded, arguments, files);
  tell_expectation(comm, loaded, arguments, files);
  const auto summary =
      run_pipeline(comm, loaded.config, loaded.plan, std::move(files), {arguments.fresh, arguments.seconds});
  if (comm.rank() == 0) print_result(loaded.config, summary);
  return 0;
}

std::string check_run(comm::Communicator& comm, const RunArguments& arguments) {
  const auto loaded = load(comm, arguments);
  check_outputs(comm, loaded, arguments, resolve_corpus(comm, loaded.config));
  return loaded.config.run.output;
}

int validate(comm::Communicator& comm, const RunArguments& arguments) {
  const auto loaded = load(comm, arguments);
  const auto files = resolve_corpus(comm, loaded.config);
  check_outputs(comm, loaded, arguments, files);
  if (comm.rank() != 0) return 0;
  print_plan(loaded.plan);
  fmt::print("{}: valid, {} file{} in the pool{}{}\n", arguments.config, files[0].size(),
             files[0].size() == 1 ? "" : "s", files[1].empty() ? "" : fmt::format(", {} curated", files[1].size()),
             files[2].empty() ? "" : fmt::format(", {} labelled", files[2].size()));
  return 0;
}

}  // namespace farpoint::cli
