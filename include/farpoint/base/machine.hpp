// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace farpoint {

/// Cores of a machine as a set of bits, 64 a word.
using CoreMask = std::vector<std::uint64_t>;

/// Cores this process may use: its affinity mask. Empty when the system does not say.
CoreMask usable_cores();

/// How many threads process `which` should use, by the masks of all processes of its machine: its own cores, divided
/// among those processes that may use any of them; at least 1. So processes that the launcher bound to cores of their
/// own use all of them, and others share.
int fair_threads(std::span<const CoreMask> masks, std::size_t which);

/// Memory that can be had without swapping, in bytes: the least of the machine's and its control groups' (version 2).
std::uint64_t available_memory();

/// Largest resident size of this process so far, in bytes.
std::uint64_t peak_memory();

/// Sets the number of threads that this process' parallel regions use. Call it once, before the first of them.
void set_threads(int threads);

/// Kinds of processors that kernels are compiled for; each can do what those before it can, and the last one that this
/// one can run is the fastest.
enum class Instructions { portable, avx2, avx512, avx512_bf16 };
Instructions best_instructions();

std::string host_name();

}  // namespace farpoint
