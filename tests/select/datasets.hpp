// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "reference_k_center.hpp"

namespace farpoint::select {

/// A data set that is hard in one way, and what to ask of it.
struct Case {
  std::string name;
  KCenterOptions options;
  std::function<Dataset()> make;
};

/// Tells GoogleTest to print the name, not the bytes.
inline void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

/// All of them, small enough for the reference.
std::vector<Case> hard_cases();

/// `n` vectors of independent normal components; of unit length if `unit`. Ids are not consecutive.
Dataset normal_data(std::size_t n, std::size_t dimension, std::uint64_t seed, bool unit);

/// The rows of `data` that rank `rank` of `ranks` holds in the split of this number: any rank may have any row, and in
/// some splits a rank has none.
Dataset part_of(const Dataset& data, int rank, int ranks, std::uint64_t split);

/// What is the same on every rank must have the same bits; representatives are those of `part`'s records.
void expect_same(const KCenterResult& result, const KCenterResult& reference, const Dataset& data, const Dataset& part);

}  // namespace farpoint::select
