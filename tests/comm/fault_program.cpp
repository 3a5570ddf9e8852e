// SPDX-License-Identifier: Apache-2.0
// Usage: comm_fault_program FAULT RANK: that rank has the fault while the others wait for it in a collective call.
#include <functional>
#include <iostream>
#include <map>
#include <new>
#include <string>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace {

using namespace farpoint;

const std::map<std::string, std::function<void()>> faults{
    {"error", [] { throw Error("shard 7 is damaged"); }},
    {"usage", [] { throw UsageError("unknown key 'x'"); }},
    {"memory", [] { throw std::bad_alloc(); }},
    {"unknown", [] { throw 3; }},
};

/// Objects whose destructors are collective are alive, as in a real run.
int wait_for_all(comm::Communicator& world, const std::function<void()>& fault, int faulty_rank) {
  const auto group = world.split(0, 0);
  const auto counter = world.make_counter();
  counter->add(1);
  if (world.rank() == faulty_rank) fault();
  world.barrier();
  return comm::all_reduce(*group, 0, comm::Reduction::max);
}

int agree_on(comm::Communicator& world, const std::function<void()>& fault, int faulty_rank) {
  const auto counter = world.make_counter();
  counter->add(1);
  comm::agree(world, [&] {
    if (world.rank() == faulty_rank) fault();
  });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return comm::run(argc, argv, [&](comm::Communicator& world) {
    if (argc != 3) throw comm::AgreedError("usage: comm_fault_program FAULT RANK", ExitCode::usage);
    const std::string fault = argv[1];
    const int rank = std::stoi(argv[2]);
    std::cout << "out of rank " << world.rank() << '\n';
    if (fault == "code") return world.rank() == rank ? 75 : 0;
    if (fault == "agreed") return agree_on(world, faults.at("usage"), rank);
    if (fault == "stop") throw comm::AgreedError("stopped", ExitCode::stopped);
    return wait_for_all(world, faults.at(fault), rank);
  });
}
