// SPDX-License-Identifier: Apache-2.0
#include "expectation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "farpoint/base/machine.hpp"
#include "farpoint/base/terminal.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/progress.hpp"
#include "select/options.hpp"

namespace farpoint::cli {

namespace fs = std::filesystem;
using namespace pipeline;

namespace {

/// Estimates err by a fifth or so; what is refused must not fit whatever the error.
constexpr double margin = 1.25;
constexpr double margin_to_ask_for = 1.5;
/// What a process that runs models maps and sets up besides the program, measured with libtorch 2.15.
constexpr std::uint64_t models_library = std::uint64_t{100} << 20;

/// Whether this process has loaded a shared library with this in its name.
bool has_loaded(std::string_view library) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(library) != std::string::npos) return true;
  }
  return false;
}

std::string amount(std::uint64_t bytes) {
  return format_amount(static_cast<double>(bytes), "bytes");
}

void refuse_what_cannot_fit(const RunEstimate& estimate, const Machine& machine, const std::string& output) {
  const auto exceeds = [](std::uint64_t needed, std::uint64_t there) {
    return there > 0 && static_cast<double>(needed) > margin * static_cast<double>(there);
  };
  if (exceeds(estimate.node_memory, machine.memory)) {
    const auto job = std::max_element(estimate.jobs.begin(), estimate.jobs.end(),
                                      [](const auto& a, const auto& b) { return a.node_memory < b.node_memory; });
    const int ranks = std::min(machine.ranks, machine.ranks_per_node);
    throw Error(
        fmt::format("this run cannot fit: '{}' needs about {} of memory for {} rank{} on a node, and {} can be had. "
                    "Use more nodes, fewer ranks a node, a memory_limit or 'storage: bfloat16' of select, or a smaller "
                    "corpus.shard_records; 'farpoint estimate' says what fits, --force runs all the same",
                    job->job, amount(job->node_memory), ranks, ranks == 1 ? "" : "s", amount(machine.memory)));
  }
  if (exceeds(estimate.disk, machine.disk)) {
    throw Error(
        fmt::format("this run cannot fit: {} needs about {} on disk, and {} are free. Choose another folder with "
                    "--output, or make room; --force runs all the same",
                    output, amount(estimate.disk), amount(machine.disk)));
  }
}

void tell(const RunEstimate& estimate, const Machine& machine, const CorpusSample& corpus) {
  fmt::print(stderr, "estimate: {}{} records; at most {} of memory a rank, {} of {} on a node; {} of {} on disk\n",
             corpus.is_exact ? "" : "about ", format_count(corpus.records[index_of(Population::pool)]),
             amount(estimate.memory), amount(estimate.node_memory), amount(machine.memory), amount(estimate.disk),
             amount(machine.disk));
}

/// What the run will need from here on; unset when nothing is left to do, or nothing can be said.
struct Expected {
  CorpusSample corpus;
  RunEstimate estimate;
};
std::optional<Expected> expect(const Loaded& loaded, const CorpusFiles& files, const Machine& machine,
                               const std::vector<StageRemains>& remains) {
  try {
    auto corpus = sample_corpus(files, loaded.config, loaded.config.run.seed);
    if (corpus.records[index_of(Population::pool)] == 0) return std::nullopt;
    auto estimate = estimate_run(loaded.plan, loaded.config, corpus, machine, remains);
    if (estimate.jobs.empty()) return std::nullopt;
    return Expected{std::move(corpus), std::move(estimate)};
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<std::uint64_t> memory_option(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return Codec<jobs::Bytes>::decode(Node::scalar(text), "--memory-per-node").count;
}

std::uint64_t free_disk(const fs::path& folder) {
  std::error_code error;
  auto there = fs::absolute(folder, error);
  while (!there.empty() && !fs::exists(there, error) && there != there.parent_path()) there = there.parent_path();
  const auto space = fs::space(there, error);
  return error ? 0 : space.available;
}

Machine machine_of(const Loaded& loaded, const Layout& layout, std::uint64_t program) {
  Machine machine;
  machine.ranks = layout.ranks;
  machine.ranks_per_node = std::min(layout.ranks_per_node, layout.ranks);
  const std::vector<CoreMask> masks(static_cast<std::size_t>(machine.ranks_per_node), usable_cores());
  machine.threads = layout.threads > 0 ? layout.threads : fair_threads(masks, 0);
  if (loaded.config.run.threads) machine.threads = static_cast<int>(*loaded.config.run.threads);
  machine.gpu_flops = layout.has_gpus ? 1 : 0;  // that there is one
  machine.memory = available_memory();
  machine.disk = free_disk(loaded.config.run.output);
  machine.program = program;
  machine.library = has_loaded("libtorch_cpu") ? 0 : models_library;
  machine.counts_tokens = false;
  return machine;
}

void tell_expectation(comm::Communicator& comm, const Loaded& loaded, const RunArguments& arguments,
                      const CorpusFiles& files) {
  const auto node = comm.split_by_node();
  const auto ranks_per_node = comm::all_reduce(comm, node->size(), comm::Reduction::max);
  const auto memory = comm::all_reduce(comm, available_memory(), comm::Reduction::min);
  comm::agree(comm, [&] {
    const auto limit = memory_option(arguments.memory_per_node);
    if (comm.rank() != 0) return;
    auto machine = machine_of(loaded, {comm.size(), ranks_per_node}, peak_memory());
    machine.memory = limit.value_or(memory);
    auto remains = remains_of({loaded.config.run.output}, loaded.plan);
    if (arguments.fresh) {
      // What is there goes first.
      for (const auto& stage : std::exchange(remains, {})) machine.disk += stage.bytes;
    }
    const auto expected = expect(loaded, files, machine, remains);
    if (!expected) return;
    if (terminal::verbosity() != terminal::Verbosity::quiet) tell(expected->estimate, machine, expected->corpus);
    if (!arguments.force) refuse_what_cannot_fit(expected->estimate, machine, loaded.config.run.output);
  });
}

std::optional<std::uint64_t> memory_to_ask_for(comm::Communicator& comm, const RunArguments& arguments,
                                               const Layout& layout) {
  const auto program = peak_memory();
  const auto loaded = load(comm, arguments);
  const auto files = find_inputs(comm, arguments, loaded);
  // Each rank samples for itself: the answer hangs on the files alone, and few ranks submit.
  const auto expected = expect(loaded, files, machine_of(loaded, layout, program), {});
  if (!expected) return std::nullopt;
  return static_cast<std::uint64_t>(margin_to_ask_for * static_cast<double>(expected->estimate.node_memory));
}

}  // namespace farpoint::cli
