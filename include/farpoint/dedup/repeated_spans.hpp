// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/comm/communicator.hpp"

namespace farpoint::dedup {

/// A stretch of a text that stands elsewhere already.
struct RepeatedSpan {
  std::uint64_t id = 0;  ///< of the record
  std::uint32_t part = 0;
  std::uint64_t begin = 0;  ///< in bytes of the text: begins and ends with a token
  std::uint64_t end = 0;
  std::uint64_t tokens = 0;
  bool operator==(const RepeatedSpan&) const = default;
};

/// Shows this rank's texts, in the same order every time. Parts count within a record; a record's parts, or even
/// records, may come in any order, but no (id, part) twice, on whatever rank.
using VisitTexts =
    std::function<void(const std::function<void(std::uint64_t id, std::uint32_t part, std::string_view text)>&)>;

struct SpanOptions {
  std::size_t tokens = 50;                             ///< of a window, at least 2; the default is the paper's
  std::size_t memory_budget = std::size_t{512} << 20;  ///< bytes a rank, for the windows that are compared at a time
};

/// Of this rank's texts.
struct SpanResult {
  std::vector<RepeatedSpan> spans;  ///< in the order of visit; of one text in ascending order, with tokens between them
  std::uint64_t tokens = 0;
  std::uint64_t fingerprints = 0;  ///< that were compared
  std::uint64_t windows = 0;       ///< that were compared, because their fingerprint occurs more than once
};

/// Repeated spans of all ranks' texts: the exact substring duplicates of Lee et al. 2022, "Deduplicating Training Data
/// Makes Language Models Better", section 4.1, of which the first occurrence stays.
///
/// Tokens are written words (text/written_words.hpp), compared as they are. A window is a row of options.tokens tokens
/// of one text. Of equal windows the first (lowest id, then part, then position) is the original, all others are
/// repeats. A span is a maximal row of tokens each of which lies in a repeat.
///
/// Spans do not depend on the number of ranks, on how texts are dealt out, or on the memory budget. What is equal is
/// decided by 128-bit hashes; src/dedup/window_hash.hpp says why no unequal windows are expected to pass for equal
/// below 10^12 tokens. What is not a repeat costs little: windows are compared only where a fingerprint chosen by
/// winnowing occurs twice.
///
/// Collective; ranks may have any number of texts, even none. Texts are visited once if nothing is repeated, else three
/// times, and once more for each time that the windows exceed the budget. Time linear in the bytes, but for sorting.
/// Memory, besides the budget: 16 bytes a fingerprint, of which there are about 4 / options.tokens a token; 16 bytes a
/// text; some 7 times the size of the largest text, 20 times if its words are single letters. Texts are never sent.
/// Throws UsageError for options.tokens below 2, and Error for a text of 4 GiB or more and when a visit differs from
/// the one before.
SpanResult repeated_spans(comm::Communicator& comm, const VisitTexts& texts, const SpanOptions& options);

/// `text` without `spans`, which are those of this text, in ascending order. The white space beside a span goes with
/// it; where text remains on both sides, there stands a line end instead if there was one, else a blank; nothing
/// between characters of scripts written without spaces that had no white space there. Throws Error for spans that do
/// not lie in the text or overlap.
std::string without_spans(std::string_view text, std::span<const RepeatedSpan> spans);

}  // namespace farpoint::dedup
