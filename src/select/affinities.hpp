// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "farpoint/base/machine.hpp"

#include <cstddef>
#include <span>

#include "affinity_task.hpp"
#include "centre_panels.hpp"

namespace farpoint::select {

/// Affinities, scale * product - penalty (screening.hpp), of rows to all centres from `first` on: matrix products in
/// single precision, fused and in any order, whose results never leave the registers. `rows` are pointers to
/// `centres.dimension()` numbers each. At least one centre from `first` on. NaN, which only pairs that must not be
/// screened give, loses every comparison; a row without any other affinity has minus infinity. Thread-safe; allocates
/// nothing.
void greatest_affinities(const CentrePanels& centres, float scale, std::size_t first,
                         std::span<const float* const> rows, std::span<float> greatest,
                         Instructions instructions = best_instructions());

/// The same with the smaller penalties of a hopeful affinity, from the first centre on.
void two_greatest_hopeful_affinities(const CentrePanels& centres, float scale, std::span<const float* const> rows,
                                     std::span<TopTwo> greatest, Instructions instructions = best_instructions());

/// products[i] = rows[i] . vector, in single precision, fused and in any order. On one thread, unlike a BLAS: with
/// several it would cost more than these few products.
void products_with(std::span<const float> vector, std::span<const float* const> rows, std::span<float> products,
                   Instructions instructions = best_instructions());

}  // namespace farpoint::select
