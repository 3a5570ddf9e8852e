// SPDX-License-Identifier: Apache-2.0
#include "minhash_kernel.hpp"

namespace farpoint::dedup {

// Four registers of minima, of sixteen; as many for the numbers of the permutations.
void minhash_avx2(const MinHashTask& task) {
  minima_of<2>(task);
}

}  // namespace farpoint::dedup
