// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/stop_signals.hpp"

#include <atomic>

namespace farpoint {

namespace {

std::atomic<int> last_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not wait");

extern "C" void note_signal(int signal) {
  last_signal.store(signal, std::memory_order_relaxed);
}

}  // namespace

StopSignals::StopSignals() {
  last_signal.store(0, std::memory_order_relaxed);
  for (const int signal : {SIGUSR1, SIGTERM, SIGINT}) {
    struct sigaction action {};
    action.sa_handler = note_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    // Who presses Ctrl-C twice does not want to wait.
    if (signal == SIGINT) action.sa_flags |= static_cast<int>(SA_RESETHAND);
    Former former{signal, {}};
    if (sigaction(signal, &action, &former.action) == 0) former_.push_back(former);
  }
}

StopSignals::~StopSignals() {
  for (const auto& former : former_) sigaction(former.signal, &former.action, nullptr);
}

int StopSignals::received() {
  return last_signal.load(std::memory_order_relaxed);
}

const char* signal_name(int signal) {
  switch (signal) {
    case SIGUSR1:
      return "SIGUSR1";
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    default:
      return "a signal";
  }
}

}  // namespace farpoint
