// SPDX-License-Identifier: Apache-2.0
#include "comm/mpi_counter.hpp"

#include <cassert>

#include "comm/mpi_check.hpp"
#include "farpoint/base/activity.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/log.hpp"

namespace farpoint::comm {

namespace {
constexpr int tag = 0;
constexpr int reader = 0;
}  // namespace

MpiCounter::MpiCounter(MPI_Comm comm)
    : handle_(duplicate(comm)),
      outbox_(std::make_unique<std::deque<Message>>()),
      open_senders_(handle_.rank() == reader ? handle_.size() - 1 : 0) {}

MpiCounter::~MpiCounter() {
  if (unwinding_.in_progress()) {
    static_cast<void>(outbox_.release());
    return;
  }
  try {
    close();
  } catch (const Error& error) {
    log::warning("closing a progress counter: {}", error.what());
  }
}

void MpiCounter::add(std::uint64_t amount) {
  if (amount == 0) return;
  if (handle_.rank() == reader) {
    total_ += amount;
    return;
  }
  const ScopedActivity communicating(Activity::communicating);
  forget_sent();
  post(amount);
}

std::uint64_t MpiCounter::read() {
  assert(handle_.rank() == reader);
  const ScopedActivity communicating(Activity::communicating);
  const auto message_waits = [this] {
    int flag = 0;
    check("MPI_Iprobe", MPI_Iprobe(MPI_ANY_SOURCE, tag, handle_.get(), &flag, MPI_STATUS_IGNORE));
    return flag != 0;
  };
  while (message_waits()) receive_one();
  return total_;
}

void MpiCounter::post(std::uint64_t amount) {
  // A deque does not move its elements when it grows or shrinks at the ends.
  auto& message = outbox_->emplace_back(Message{amount, MPI_REQUEST_NULL});
  check("MPI_Isend", MPI_Isend(&message.amount, 1, MPI_UINT64_T, reader, tag, handle_.get(), &message.request));
}

void MpiCounter::forget_sent() {
  while (!outbox_->empty()) {
    int sent = 0;
    check("MPI_Test", MPI_Test(&outbox_->front().request, &sent, MPI_STATUS_IGNORE));
    if (sent == 0) return;
    outbox_->pop_front();
  }
}

void MpiCounter::receive_one() {
  std::uint64_t amount = 0;
  check("MPI_Recv", MPI_Recv(&amount, 1, MPI_UINT64_T, MPI_ANY_SOURCE, tag, handle_.get(), MPI_STATUS_IGNORE));
  total_ += amount;
  if (amount == 0) --open_senders_;
}

void MpiCounter::close() {
  const ScopedActivity communicating(Activity::communicating);
  if (handle_.rank() != reader) post(0);
  while (open_senders_ > 0) receive_one();
  for (auto& message : *outbox_) check("MPI_Wait", MPI_Wait(&message.request, MPI_STATUS_IGNORE));
}

}  // namespace farpoint::comm
