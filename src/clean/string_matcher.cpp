// SPDX-License-Identifier: Apache-2.0
#include "string_matcher.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

namespace farpoint::clean {

namespace {

constexpr std::size_t most_compared = 32;

/// The table of bits fits the first-level cache; 5,000 strings fill a fiftieth of it.
constexpr unsigned hash_bits = 18;

std::size_t hash(std::uint64_t word) {
  return (word * 0x9e3779b97f4a7c15ULL) >> (64 - hash_bits);
}

template <typename Word>
Word word_at(const char* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

/// ASCII, and bytes of ideographs, kana and the like, which have no case; stray bytes pass as they are, too.
bool is_simple(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte < 0xc2 || (byte >= 0xe3 && byte <= 0xe9);
}

void append_simple(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size();
  out.append(bytes);
  for (std::size_t i = begin; i < out.size(); ++i) {
    const bool capital = out[i] >= 'A' && out[i] <= 'Z';
    out[i] = static_cast<char>(out[i] | (capital ? 0x20 : 0));
  }
}

/// The bytes from `at` on that are simple, looked at in blocks, for which the compiler makes vectors.
std::size_t simple_end(std::string_view utf8, std::size_t at) {
  constexpr std::size_t block = 64;
  while (utf8.size() - at >= block) {
    unsigned char all = 1;
    for (std::size_t i = 0; i < block; ++i) all &= is_simple(utf8[at + i]) ? 1 : 0;
    if (all == 0) break;
    at += block;
  }
  while (at < utf8.size() && is_simple(utf8[at])) ++at;
  return at;
}

std::string folded(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t end = simple_end(utf8, at);
    append_simple(out, utf8.substr(at, end - at));
    at = end;
    if (at == utf8.size()) break;
    UChar32 c = 0;
    U8_NEXT(utf8.data(), at, utf8.size(), c);
    if (c < 0) {
      out.append(utf8.substr(end, at - end));
      continue;
    }
    std::array<std::uint8_t, U8_MAX_LENGTH> bytes{};
    std::size_t size = 0;
    U8_APPEND_UNSAFE(bytes.data(), size, u_foldCase(c, U_FOLD_CASE_DEFAULT));
    for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(bytes[i]);
  }
  return out;
}

}  // namespace

void StringTable::build() {
  if (strings_.empty()) return;
  std::ranges::sort(strings_, {}, &String::bytes);
  bits_.assign((std::size_t{1} << hash_bits) / 64, 0);
  for (std::uint32_t i = 0; i < strings_.size(); ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, strings_[i].bytes.data(), width_);
    const auto range = ranges_.try_emplace(word, Range{i, i}).first;
    range->second.last = i + 1;
    bits_[hash(word) / 64] |= std::uint64_t{1} << hash(word) % 64;
  }
}

void StringTable::find(std::string_view text, FoundStrings& found) const {
  if (strings_.empty()) return;
  width_ == sizeof(std::uint32_t) ? find_by<std::uint32_t>(text, found) : find_by<std::uint64_t>(text, found);
}

template <typename Word>
void StringTable::find_by(std::string_view text, FoundStrings& found) const {
  const std::uint64_t* const bits = bits_.data();
  for (std::size_t at = 0; at + sizeof(Word) <= text.size(); ++at) {
    const std::uint64_t word = word_at<Word>(text.data() + at);
    const std::size_t bit = hash(word);
    if ((bits[bit / 64] >> bit % 64 & 1U) == 0) continue;
    const auto range = ranges_.find(word);
    if (range != ranges_.end()) find_at(text.substr(at), range->second, found);
  }
}

/// All of `range` begin as `text` does, up to `width_`. One byte after the other narrows it: no more than 32 searches,
/// however many strings begin alike.
void StringTable::find_at(std::string_view text, Range range, FoundStrings& found) const {
  auto first = strings_.begin() + range.first;
  auto last = strings_.begin() + range.last;
  for (std::size_t depth = width_;; ++depth) {
    for (; first != last && first->bytes.size() == depth; ++first) found.add(first->number);
    if (first == last || depth >= text.size()) return;
    const auto byte_of = [depth](const String& string) { return static_cast<unsigned char>(string.bytes[depth]); };
    const auto same = std::ranges::equal_range(first, last, static_cast<unsigned char>(text[depth]), {}, byte_of);
    first = same.begin();
    last = same.end();
  }
}

StringMatcher::StringMatcher(const std::vector<std::string>& strings) {
  std::map<std::string, std::uint32_t> numbers;
  for (std::size_t i = 0; i < strings.size(); ++i) {
    const auto index = static_cast<int>(i);
    std::string compared = folded(strings[i]);
    compared.resize(std::min(compared.size(), most_compared));
    if (compared.size() < sizeof(std::uint32_t)) {
      always_.push_back(index);
      continue;
    }
    const auto [known, fresh] = numbers.try_emplace(compared, static_cast<std::uint32_t>(indices_.size()));
    if (fresh) {
      (compared.size() < sizeof(std::uint64_t) ? short_ : long_).add(compared, known->second);
      indices_.emplace_back();
    }
    indices_[known->second].push_back(index);
  }
  short_.build();
  long_.build();
}

std::vector<int> StringMatcher::occurring(std::string_view utf8) const {
  const std::string text = folded(utf8);
  FoundStrings found(indices_.size());
  short_.find(text, found);
  long_.find(text, found);
  std::vector<int> indices = always_;
  found.for_each(
      [&](std::size_t number) { indices.insert(indices.end(), indices_[number].begin(), indices_[number].end()); });
  return indices;
}

}  // namespace farpoint::clean
