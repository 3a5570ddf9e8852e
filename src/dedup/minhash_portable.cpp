// SPDX-License-Identifier: Apache-2.0
#include "minhash_kernel.hpp"

namespace farpoint::dedup {

// Four registers of minima, of sixteen.
void minhash_portable(const MinHashTask& task) {
  minima_of<4>(task);
}

}  // namespace farpoint::dedup
