// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/base/machine.hpp"
#include "farpoint/base/parallel.hpp"

namespace farpoint::models {

/// While it lives, libraries that this thread calls see one thread. Within parallel_for() they get one, but oneDNN cuts
/// a product up for as many as there might be: by AMX its last bits then depend on their number, and what is prepared
/// for several computes nonsense in training, or waits for the others.
class OneThread {
 public:
  OneThread() : before_(static_cast<int>(thread_count())) { set_threads(1); }
  ~OneThread() { set_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace farpoint::models
