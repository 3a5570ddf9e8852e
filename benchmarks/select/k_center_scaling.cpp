// SPDX-License-Identifier: Apache-2.0
// What each rank does while k_center runs: CPU seconds, messages, bytes. scaling.py starts it; see README.md.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <numeric>
#include <string_view>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/select/k_center.hpp"
#include "generated_vectors.hpp"
#include "measured_communicator.hpp"

namespace {

using namespace farpoint;

struct Problem {
  std::uint64_t rows = 0;
  std::size_t dimension = 0;
  std::uint64_t records = 0;
};

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw UsageError(fmt::format("not a number: {}", text));
  return value;
}

Problem parse(int argc, char** argv) {
  if (argc != 4) throw UsageError("usage: [mpirun -n RANKS] k_center_scaling ROWS DIMENSION RECORDS");
  const Problem problem{number(argv[1]), number(argv[2]), number(argv[3])};
  if (problem.records == 0 || problem.records > problem.rows) throw UsageError("RECORDS must be 1 to ROWS");
  return problem;
}

/// One rank's rows of the problem, and their ids.
struct Part {
  std::vector<float> rows;
  std::vector<std::uint64_t> ids;
};

Part make_part(const Problem& problem, std::uint64_t rank, std::uint64_t ranks) {
  const std::uint64_t first = problem.rows * rank / ranks;
  Part part;
  part.ids.resize(problem.rows * (rank + 1) / ranks - first);
  std::iota(part.ids.begin(), part.ids.end(), first);
  part.rows.resize(part.ids.size() * problem.dimension);
  select::GeneratedVectors(problem.rows, problem.dimension).make_range(first, part.rows);
  return part;
}

struct Fact {
  std::string_view name;
  double value = 0;  ///< of this rank
};

/// What one rank did. scaling.py shows all that it finds here.
std::vector<Fact> facts_of(const select::KCenterResult& result, const select::MeasuredCommunicator& comm, double cpu,
                           double wall) {
  const auto& costs = result.costs;
  return {{"passes", static_cast<double>(costs.passes)},
          {"collectives", static_cast<double>(comm.collective_calls())},
          {"bytes", static_cast<double>(comm.bytes())},
          {"work", cpu - comm.seconds_inside()},
          {"inside_collectives", comm.seconds_inside()},
          {"wall", wall},
          {"pools", costs.pool_seconds}};
}

std::vector<Fact> measure(comm::Communicator& world, const Problem& problem, const Part& part) {
  const select::Vectors vectors(part.rows, part.ids, problem.dimension);
  select::KCenterOptions options;
  options.assignment = false;
  options.limits.records = 1;
  select::k_center(world, {vectors}, {}, options);  // libraries are loaded, buffers of MPI are there

  options.limits.records = problem.records;
  select::MeasuredCommunicator comm(world);
  world.barrier();
  const auto start = std::chrono::steady_clock::now();
  const double before = select::cpu_seconds();
  const auto result = select::k_center(comm, {vectors}, {}, options);
  const double cpu = select::cpu_seconds() - before;
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return facts_of(result, comm, cpu, wall);
}

/// One line of JSON: the problem, and of each fact the values of all ranks.
void print(comm::Communicator& world, const Problem& problem, const std::vector<Fact>& facts) {
  std::vector<double> mine(facts.size());
  std::transform(facts.begin(), facts.end(), mine.begin(), [](const Fact& fact) { return fact.value; });
  const auto all = comm::all_gather(world, std::span<const double>(mine)).data;
  if (world.rank() != 0) return;
  fmt::print("{{\"ranks\": {}, \"rows\": {}, \"dimension\": {}, \"records\": {}", world.size(), problem.rows,
             problem.dimension, problem.records);
  for (std::size_t fact = 0; fact < facts.size(); ++fact) {
    std::vector<double> of_ranks;
    for (std::size_t i = fact; i < all.size(); i += facts.size()) of_ranks.push_back(all[i]);
    fmt::print(", \"{}\": [{}]", facts[fact].name, fmt::join(of_ranks, ", "));
  }
  fmt::print("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
  return comm::run(argc, argv, [&](comm::Communicator& world) {
    Problem problem;
    comm::agree(world, [&] { problem = parse(argc, argv); });
    // One thread a rank, so that the calling thread's CPU time is the rank's.
    set_threads(1);
    const auto part =
        make_part(problem, static_cast<std::uint64_t>(world.rank()), static_cast<std::uint64_t>(world.size()));
    print(world, problem, measure(world, problem, part));
    return 0;
  });
}
