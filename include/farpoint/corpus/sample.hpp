// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/corpus/source.hpp"

/// What a file holds, told from a part of it: for estimates, before anything reads the corpus.
namespace farpoint::corpus {

struct SampleLimits {
  std::uint64_t bytes = 1U << 20;  ///< decompressed bytes that are read at most, but for the end of a record
  std::size_t records = 64;        ///< texts that are kept at most
  std::uint64_t seed = 0;          ///< decides which parts of a large file are read
};

struct FileSample {
  std::uint64_t records = 0;       ///< of the whole file
  std::uint64_t bytes = 0;         ///< decompressed, of the whole file
  bool is_exact = false;           ///< the file was read to its end, or its header says it
  std::vector<std::string> texts;  ///< records as they stand in the file, spread over what was read; none of npy
};

/// Uncompressed jsonl and txt are read in eight stretches spread over the file, others from the front; the size of a
/// compressed file comes from the ratio of what was read. npy files say what they hold. Records in parts that were not
/// read are taken to be as long as those that were. Throws as RecordReader and NpyFile do for what they would meet.
FileSample sample_file(const InputFile& file, const SampleLimits& limits);

}  // namespace farpoint::corpus
