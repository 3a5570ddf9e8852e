// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace farpoint::clean {

/// A bit for each number of a string.
class FoundStrings {
 public:
  explicit FoundStrings(std::size_t strings) : words_((strings + 63) / 64) {}
  void add(std::uint32_t number) { words_[number / 64] |= std::uint64_t{1} << number % 64; }

  /// Calls sink(number) for each that was added, once, from the lowest up.
  template <typename Sink>
  void for_each(Sink&& sink) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        sink(i * 64 + static_cast<std::size_t>(std::countr_zero(word)));
      }
    }
  }

 private:
  std::vector<std::uint64_t> words_;
};

/// Strings of at least `width` bytes (4 or 8), found by their first `width`: where the hash of these bytes is not in a
/// small table of bits, no string begins, and only elsewhere is looked further.
class StringTable {
 public:
  explicit StringTable(std::size_t width) : width_(width) {}

  /// `number` is that of `string`, which differs from all before.
  void add(std::string string, std::uint32_t number) { strings_.push_back({std::move(string), number}); }
  /// After the last add().
  void build();

  /// Adds the numbers of the strings in `text`.
  void find(std::string_view text, FoundStrings& found) const;

 private:
  struct String {
    std::string bytes;
    std::uint32_t number = 0;
  };
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };

  template <typename Word>
  void find_by(std::string_view text, FoundStrings& found) const;
  void find_at(std::string_view text, Range range, FoundStrings& found) const;

  std::size_t width_;
  std::vector<String> strings_;                      ///< sorted
  std::unordered_map<std::uint64_t, Range> ranges_;  ///< of the strings that begin with the same bytes
  std::vector<std::uint64_t> bits_;                  ///< by hash of these bytes
};

/// Tells which of thousands of strings may occur in a text, whatever the case of letters (Unicode's simple case
/// folding). Of strings of up to 32 bytes it is exact, of others only the beginning is compared; strings of less than 4
/// bytes are taken for occurring. Linear in the text; one core reads some hundred MB/s.
class StringMatcher {
 public:
  explicit StringMatcher(const std::vector<std::string>& strings);

  /// Their indices, each once, in no order. Thread-safe.
  std::vector<int> occurring(std::string_view utf8) const;

 private:
  StringTable short_{sizeof(std::uint32_t)};
  StringTable long_{sizeof(std::uint64_t)};
  std::vector<std::vector<int>> indices_;  ///< by number of what is compared of the strings
  std::vector<int> always_;
};

}  // namespace farpoint::clean
