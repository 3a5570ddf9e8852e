// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <vector>

namespace farpoint {

/// For as long as it lives, SIGUSR1, SIGTERM and SIGINT are noted instead of ending the process; a second SIGINT ends
/// it all the same. One at a time in a process, made and destroyed by its main thread. System calls that a signal
/// interrupts go on.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The number of the last one that came; 0: none.
  static int received();

 private:
  struct Former {
    int signal;
    struct sigaction action;
  };
  std::vector<Former> former_;
};

/// "SIGTERM"
const char* signal_name(int signal);

}  // namespace farpoint
