// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Classifiers that are trained in a run: linear ones on vectors, fine-tuned encoders on texts; and how good they are
/// on what they have not seen. Results are the same bits at any number of ranks and threads.
namespace farpoint::learn {

/// Which fold a record belongs to, 0 to folds - 1: it is held out when that fold's model is trained. A pure function,
/// so the same at any rank count; `population` parts records of different sets that have the same id.
std::uint64_t fold_of(std::uint64_t seed, std::uint64_t population, std::uint64_t id, std::uint64_t folds);

/// Whether a record is in a random sample that holds each with probability `share`, independently. Samples of different
/// `stream`s have nothing to do with each other; with one stream, a smaller share's sample is part of a larger one's.
bool is_sampled(std::uint64_t seed, std::uint64_t stream, std::uint64_t population, std::uint64_t id, double share);

}  // namespace farpoint::learn
