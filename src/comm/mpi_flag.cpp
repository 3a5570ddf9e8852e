// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_flag.hpp"

#include "comm/mpi_check.hpp"
#include "farpoint/base/activity.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"

namespace farpoint::comm {

namespace {
constexpr int tag = 0;
}

MpiFlag::MpiFlag(MPI_Comm comm) : handle_(duplicate(comm)) {}

MpiFlag::~MpiFlag() {
  if (unwinding_.in_progress()) return;
  try {
    close();
  } catch (const Error& error) {
    log::warning("closing a flag: {}", error.what());
  }
}

void MpiFlag::raise() {
  if (raised_here_) return;
  raised_here_ = true;
  const ScopedActivity communicating(Activity::communicating);
  for (int rank = 0; rank < handle_.size(); ++rank) {
    if (rank == handle_.rank()) continue;
    auto& request = sent_.emplace_back(MPI_REQUEST_NULL);
    check("MPI_Isend", MPI_Isend(nullptr, 0, MPI_BYTE, rank, tag, handle_.get(), &request));
  }
}

bool MpiFlag::raised() {
  if (raised_here_ || heard_ > 0) return true;
  int waits = 0;
  check("MPI_Iprobe", MPI_Iprobe(MPI_ANY_SOURCE, tag, handle_.get(), &waits, MPI_STATUS_IGNORE));
  if (waits != 0) receive_one();
  return waits != 0;
}

void MpiFlag::receive_one() {
  check("MPI_Recv", MPI_Recv(nullptr, 0, MPI_BYTE, MPI_ANY_SOURCE, tag, handle_.get(), MPI_STATUS_IGNORE));
  ++heard_;
}

void MpiFlag::close() {
  const ScopedActivity communicating(Activity::communicating);
  int others = raised_here_ ? 1 : 0;
  check("MPI_Allreduce", MPI_Allreduce(MPI_IN_PLACE, &others, 1, MPI_INT, MPI_SUM, handle_.get()));
  if (raised_here_) --others;
  while (heard_ < others) receive_one();
  for (auto& request : sent_) check("MPI_Wait", MPI_Wait(&request, MPI_STATUS_IGNORE));
}

}  // namespace farpoint::comm
