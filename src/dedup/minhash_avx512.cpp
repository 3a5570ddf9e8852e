// SPDX-License-Identifier: Apache-2.0
#include "minhash_kernel.hpp"

namespace farpoint::dedup {

// Eight registers of minima, of thirty-two; sixteen for the numbers of the permutations.
void minhash_avx512(const MinHashTask& task) {
  minima_of<8>(task);
}

}  // namespace farpoint::dedup
