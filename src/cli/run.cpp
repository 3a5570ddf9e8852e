// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "expectation.hpp"
#include "farpoint/base/terminal.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "farpoint/pipeline/runner.hpp"
#include "inputs.hpp"

namespace farpoint::cli {

namespace {

using namespace pipeline;
using Json = nlohmann::ordered_json;

bool is_quiet() {
  return terminal::verbosity() == terminal::Verbosity::quiet;
}

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

Json plan_json(const Plan& plan) {
  auto stages = Json::array();
  for (const auto& group : plan.groups) {
    for (const auto& planned : group) {
      auto writes = Json::array();
      for (const auto& column : planned.job->writes()) writes.push_back(column.name);
      stages.push_back({{"stage", planned.folder()},
                        {"job", planned.name},
                        {"reads_text", planned.job->reads_text()},
                        {"reads", planned.job->reads()},
                        {"writes", writes},
                        {"in_parallel", group.size() > 1},
                        {"share", planned.share}});
    }
  }
  return stages;
}

Json problems_json(const std::vector<Problem>& problems) {
  auto list = Json::array();
  for (const auto& [place, message] : problems) {
    Json json{{"file", nullptr}, {"line", nullptr}, {"column", nullptr}, {"message", message}};
    if (place.file != nullptr) json["file"] = *place.file;
    if (place.line > 0) json["line"] = place.line;
    if (place.line > 0) json["column"] = place.column;
    list.push_back(std::move(json));
  }
  return list;
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

/// Which faults the ingest has met, and where each is named.
void print_faults(const Config& config, const RunSummary& summary) {
  const auto* ingest = summary.find("ingest");
  if (ingest == nullptr || ingest->tally.rejected == 0) return;
  std::vector<std::string> parts;
  for (const auto& [reason, number] : ingest->tally.counters) {
    parts.push_back(fmt::format("{} {}", format_count(number), reason));
  }
  fmt::print("{} of {} records are faulty ({}): {}\n", format_count(ingest->tally.rejected),
             format_count(ingest->tally.in), fmt::join(parts, ", "),
             (std::filesystem::path(config.run.output) / "rejects.jsonl").string());
}

void print_result(const Config& config, const RunSummary& summary) {
  fmt::print("\n{}", to_table(summary));
  print_faults(config, summary);
  for (const auto& job : summary.jobs) {
    if (job.job == "profile") print_profile(job);
  }
  const auto* select = summary.find("select");
  if (select == nullptr) return;
  const auto radius = select->facts.find("radius");
  fmt::print("{} records chosen{}: {}\n", format_count(select->tally.out),
             radius == select->facts.end() ? "" : fmt::format(", largest distance left {:.4f}", radius->second),
             (std::filesystem::path(config.run.output) / "subset.h5").string());
  if (select->tally.out == select->tally.in) {
    fmt::print("these are all that came to the select: the budget is no smaller than what is there\n");
  }
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
    if (comm.rank() != 0) return 0;
    if (arguments.json)
      std::cout << Json{{"stages", plan_json(loaded.plan)}}.dump(2) << "\n";
    else
      print_plan(loaded.plan);
    return 0;
  }
  auto files = find_inputs(comm, arguments, loaded);
  check_outputs(comm, loaded, arguments, files);
  tell_expectation(comm, loaded, arguments, files);
  const auto summary =
      run_pipeline(comm, loaded.config, loaded.plan, std::move(files), {arguments.fresh, arguments.seconds});
  if (comm.rank() != 0) return 0;
  if (arguments.json)
    std::cout << to_json(summary);
  else if (!is_quiet())
    print_result(loaded.config, summary);
  return 0;
}

std::string check_run(comm::Communicator& comm, const RunArguments& arguments) {
  const auto loaded = load(comm, arguments);
  check_outputs(comm, loaded, arguments, find_inputs(comm, arguments, loaded));
  return loaded.config.run.output;
}

namespace {

void print_valid(const RunArguments& arguments, const Loaded& loaded, const CorpusFiles& files) {
  if (arguments.json) {
    const Json json{{"valid", true},
                    {"problems", Json::array()},
                    {"output", loaded.config.run.output},
                    {"files", {{"pool", files[0].size()}, {"curated", files[1].size()}, {"labelled", files[2].size()}}},
                    {"stages", plan_json(loaded.plan)}};
    std::cout << json.dump(2) << "\n";
    return;
  }
  if (is_quiet()) return;
  print_plan(loaded.plan);
  fmt::print("{}: valid, {} file{} in the pool{}{}\n", arguments.config, files[0].size(),
             files[0].size() == 1 ? "" : "s", files[1].empty() ? "" : fmt::format(", {} curated", files[1].size()),
             files[2].empty() ? "" : fmt::format(", {} labelled", files[2].size()));
}

}  // namespace

int validate(comm::Communicator& comm, const RunArguments& arguments) {
  std::vector<Problem> problems;
  try {
    const auto loaded = load(comm, arguments, &problems);
    const auto files = find_inputs(comm, arguments, loaded, &problems);
    check_outputs(comm, loaded, arguments, files);
    if (comm.rank() == 0) print_valid(arguments, loaded, files);
  } catch (const comm::AgreedError& error) {
    if (arguments.json && comm.rank() == 0) {
      if (problems.empty()) problems.push_back({{}, error.what()});
      std::cout << Json{{"valid", false}, {"problems", problems_json(problems)}}.dump(2) << "\n";
    }
    throw;
  }
  return 0;
}

}  // namespace farpoint::cli
