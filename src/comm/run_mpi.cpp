// SPDX-License-Identifier: Apache-2.0
// run() of a build with MPI; run_single.cpp is its counterpart.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "comm/failure.hpp"
#include "comm/mpi_check.hpp"
#include "comm/mpi_world.hpp"
#include "comm/run_alone.hpp"
#include "comm/unwinding.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/run.hpp"

namespace farpoint::comm {

namespace {

class MpiSession {
 public:
  MpiSession(int& argc, char**& argv) {
    int provided = MPI_THREAD_SINGLE;
    check("MPI_Init_thread", MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided));
    if (provided < MPI_THREAD_FUNNELED) {
      throw Error(
          "this MPI library cannot be used together with threads (MPI_THREAD_FUNNELED): use another build of it");
    }
    check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
  }
  ~MpiSession() {
    if (!unwinding_.in_progress()) MPI_Finalize();
  }
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;

 private:
  Unwinding unwinding_;
};

[[noreturn]] void abort_all_ranks(ExitCode code) {
  // MPI_Abort ends this process without the C++ runtime's own clean-up.
  std::cout.flush();
  std::fflush(nullptr);
  // The launcher tells of the abort on a faster way than it forwards what we print, and the reason should come first.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  MPI_Abort(MPI_COMM_WORLD, static_cast<int>(code));
  std::_Exit(static_cast<int>(code));
}

/// REQUIRES: called inside a catch block. Returns only if all ranks are here.
int end_by_exception(int rank, int size) {
  const Failure failure = current_failure();
  const bool together = failure.agreed || size == 1;
  if (!together) {
    report_error(fmt::format("rank {}: {}", rank, failure.message));
    abort_all_ranks(failure.code);
  }
  if (rank == 0) report(failure);
  return static_cast<int>(failure.code);
}

int call(const std::function<int(Communicator&)>& body, Communicator& world) {
  try {
    return body(world);
  } catch (...) {
    return end_by_exception(world.rank(), world.size());
  }
}

int run_ranks(const std::function<int(Communicator&)>& body) {
  const auto world = duplicate_world();
  const int code = call(body, *world);
  return all_reduce(*world, code, Reduction::max);
}

}  // namespace

bool launched_by_mpi() {
  // Set for each rank by: Open MPI's mpirun; a PMIx launcher (srun --mpi=pmix); a PMI-1 or PMI-2 launcher.
  constexpr std::array variables{"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
  return std::ranges::any_of(variables, [](const char* name) { return std::getenv(name) != nullptr; });
}

std::string transport() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  check("MPI_Get_library_version", MPI_Get_library_version(text.data(), &length));
  const std::string version(text.data(), static_cast<std::size_t>(length));
  // Open MPI appends its package and its date.
  return version.substr(0, version.find(','));
}

int run(int& argc, char**& argv, const std::function<int(Communicator&)>& body) {
  if (!launched_by_mpi()) return run_alone(body);
  try {
    const MpiSession session(argc, argv);
    return run_ranks(body);
  } catch (...) {
    const Failure failure = current_failure();
    report_error(failure.message);
    abort_all_ranks(failure.code);
  }
}

void end_all_ranks(const std::string& message, ExitCode code) {
  report_error(message);
  // The main thread may hold a lock that MPI_Abort or the flushing of files needs, and keep it forever.
  std::thread([code] {
    std::this_thread::sleep_for(std::chrono::seconds(10));
    std::_Exit(static_cast<int>(code));
  }).detach();
  if (launched_by_mpi()) abort_all_ranks(code);
  std::_Exit(static_cast<int>(code));
}

}  // namespace farpoint::comm
