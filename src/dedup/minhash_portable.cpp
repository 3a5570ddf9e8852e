// SPDX-License-Identifier: Apache-2.0
#include "minhash_kernel.hpp"

namespace farpoint::dedup {

// One register's worth of sixteen lanes, four registers of four.
void minhash_portable(const MinHashTask& task) {
  minima_of<1>(task);
}

}  // namespace farpoint::dedup
