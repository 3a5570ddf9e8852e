// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "devices.hpp"
#include "expectation.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "farpoint/select/speed.hpp"

namespace farpoint::cli {

using namespace pipeline;

namespace {

/// More ranks a node than that nobody starts.
constexpr int most_ranks_per_node = 256;

struct Outcome {
  CorpusSample corpus;
  Machine machine;
  RunEstimate estimate;
  int fitting_ranks = 0;  ///< a node
  int fitting_nodes = 0;
  std::string device;
};

Machine machine_for(const Loaded& loaded, const EstimateArguments& arguments, std::uint64_t program) {
  auto machine = machine_of(loaded, {arguments.ranks, arguments.ranks_per_node.value_or(arguments.ranks)}, program);
  if (const auto limit = memory_option(arguments.run.memory_per_node)) machine.memory = *limit;
  set_threads(1);  // rates of one core
  machine.core_speed = measure_core_speed();
  machine.core_flops = select::measure_product_rate();
  set_threads(machine.threads);  // what threads hold counts
  machine.counts_tokens = true;
  if (!arguments.gpu.empty()) machine.gpu_flops = find_device(arguments.gpu).flops * device_utilisation;
  return machine;
}

std::string amount(std::uint64_t bytes) {
  return format_amount(static_cast<double>(bytes), "bytes");
}

nlohmann::ordered_json to_json(const Outcome& outcome) {
  nlohmann::ordered_json json;
  json["jobs"] = nlohmann::json::array();
  for (const auto& job : outcome.estimate.jobs) {
    nlohmann::ordered_json entry{{"job", job.job},
                                 {"as", job.as},
                                 {"ranks", job.ranks},
                                 {"records", job.records},
                                 {"bytes", job.bytes},
                                 {"tokens", job.tokens},
                                 {"memory_per_rank_bytes", job.memory},
                                 {"disk_bytes", job.disk},
                                 {"seconds", job.seconds},
                                 {"limited_by", job.limited_by}};
    json["jobs"].push_back(std::move(entry));
  }
  const auto& [corpus, machine, estimate, ranks, nodes, device] = outcome;
  json["ranks"] = machine.ranks;
  json["ranks_per_node"] = machine.ranks_per_node;
  json["threads"] = machine.threads;
  json["device"] = device;
  json["records"] = corpus.records[0];
  json["is_exact"] = corpus.is_exact;
  json["memory_per_rank_bytes"] = estimate.memory;
  json["memory_per_node_bytes"] = estimate.node_memory;
  json["available_memory_bytes"] = machine.memory;
  json["disk_bytes"] = estimate.disk;
  json["available_disk_bytes"] = machine.disk;
  json["seconds"] = estimate.seconds;
  json["limited_by"] = estimate.limited_by;
  json["fits"] = estimate.memory_fits && estimate.disk_fits;
  json["fitting_ranks_per_node"] = ranks;
  json["fitting_nodes"] = nodes;
  return json;
}

void print_fit(const Outcome& outcome) {
  const auto& [corpus, machine, estimate, ranks, nodes, device] = outcome;
  fmt::print("a node: {} for {} {}, {} can be had", amount(estimate.node_memory), machine.ranks_per_node,
             machine.ranks_per_node == 1 ? "rank" : "ranks", amount(machine.memory));
  if (!estimate.memory_fits) {
    fmt::print("; it does not fit");
    if (ranks > 0) fmt::print(", {} a node would", ranks);
    if (nodes > 0)
      fmt::print("{} {} nodes of {} ranks would", ranks > 0 ? ", and so" : ",", nodes, machine.ranks_per_node);
    if (ranks == 0 && nodes == 0) fmt::print(" on any number of nodes");
  } else {
    fmt::print("; up to {} ranks a node fit", ranks);
  }
  fmt::print("\ndisk: {} of {} that are free{}\n", amount(estimate.disk), amount(machine.disk),
             estimate.disk_fits ? "" : "; it does not fit");
}

void print(const Outcome& outcome) {
  const auto& [corpus, machine, estimate, ranks, nodes, device] = outcome;
  fmt::print("{:<24} {:>13} {:>9} {:>14} {:>13} {:>9} {:>9}  {}\n", "job", "records", "texts", "tokens",
             "memory a rank", "disk", "time", "limited by");
  for (const auto& job : estimate.jobs) {
    fmt::print("{:<24} {:>13} {:>9} {:>14} {:>13} {:>9} {:>9}  {}\n", job.as.empty() ? job.job : job.job + " " + job.as,
               format_count(job.records), amount(job.bytes), job.tokens == 0 ? "" : format_count(job.tokens),
               amount(job.memory), amount(job.disk), format_duration(job.seconds), job.limited_by);
  }
  fmt::print("\n{} rank{} of {} thread{}, {}: about {}, limited by {}\n", machine.ranks, machine.ranks == 1 ? "" : "s",
             machine.threads, machine.threads == 1 ? "" : "s", device, format_duration(estimate.seconds),
             estimate.limited_by);
  print_fit(outcome);
  fmt::print("These are estimates from {}: docs/estimate.md says how good they are.\n",
             corpus.is_exact ? "the whole corpus" : "a sample of the corpus");
}

}  // namespace

int estimate(comm::Communicator& comm, const EstimateArguments& arguments) {
  const auto program = peak_memory();
  if (!arguments.gpu.empty()) find_device(arguments.gpu);  // a mistake must not wait for the corpus
  const auto loaded = load(comm, arguments.run);
  const auto files = find_inputs(comm, arguments.run, loaded);
  comm::agree(comm, [&] {
    if (comm.rank() != 0) return;
    Outcome outcome;
    outcome.device = arguments.gpu.empty() ? "cpu" : arguments.gpu;
    outcome.machine = machine_for(loaded, arguments, program);
    outcome.corpus = sample_corpus(files, loaded.config, loaded.config.run.seed);
    const auto& [config, plan] = loaded;
    outcome.estimate = estimate_run(plan, config, outcome.corpus, outcome.machine);
    outcome.fitting_ranks = fitting_ranks_per_node(plan, config, outcome.corpus, outcome.machine, most_ranks_per_node);
    outcome.fitting_nodes = fitting_nodes(plan, config, outcome.corpus, outcome.machine);
    if (arguments.format == "json" || arguments.run.json)
      std::cout << to_json(outcome).dump(2) << "\n";
    else
      print(outcome);
  });
  return 0;
}

}  // namespace farpoint::cli
